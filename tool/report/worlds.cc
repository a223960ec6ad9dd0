#include "report/worlds.h"

#include <algorithm>
#include <set>

#include "report/accounting.h"
#include "report/names.h"

namespace ringfence {
namespace {

// Whether the profile is about such a Python: without the GIL, with a GIL for each interpreter. The other profiles are
// about all of them.
bool is_about(Profile profile, const World &world) {
  constexpr unsigned first_with_own_gil = 12; // 3.12
  return profile == Profile::free_threaded
             ? !world.gil
             : profile == Profile::own_gil && world.gil && world.minor >= first_with_own_gil;
}

template <class T, class Key> auto by_key(const std::vector<T> &list, Key T::*key) {
  std::map<Key, const T *> found;
  for (const T &each : list)
    found.emplace(each.*key, &each);
  return found;
}

// A name that stands in a header may be known in one world alone.
ReportedModule *same_module(std::vector<ReportedModule> &modules, const ReportedModule &wanted) {
  ReportedModule *nameless = nullptr;
  for (ReportedModule &module : modules) {
    if (module.place.file != wanted.place.file)
      continue;
    if (module.name == wanted.name)
      return &module;
    if (!nameless && (module.name.empty() || wanted.name.empty()))
      nameless = &module;
  }
  return nameless;
}

bool is_python(const WorldReport &world) { return world.world.minor != 0; }

// That it was not read in full, or what it leaves out.
bool is_of_unit(const Finding &finding) { return finding.subject.kind == SubjectKind::unit; }

bool is_silence(ClaimVerdict verdict) {
  return verdict == ClaimVerdict::missing || verdict == ClaimVerdict::could_claim_more;
}

// The newest world that the profile is about decides. What it does not find is said only where the build was read, too.
void judge(ReportedModule &module, const WorldReport &world, const ReportedModule &there, bool build_incomplete) {
  for (auto &[profile, verification] : module.verified) {
    const bool about = (profile == to_string(Profile::free_threaded)) == !world.world.gil;
    const auto said = there.verified.find(profile);
    if (said == there.verified.end() || (is_python(world) ? !about : said->second.verdict != ClaimVerdict::refuted))
      continue;
    if (is_silence(said->second.verdict) && verification.verdict == ClaimVerdict::not_read && build_incomplete)
      continue;
    verification = said->second;
  }
  for (const auto &[topic, value] : there.claims)
    if ((topic == "gil") == !world.world.gil || !module.claims.contains(topic))
      module.claims[topic] = value;
}

bool agree(const ReportedModule &module) {
  return std::all_of(module.worlds.begin(), module.worlds.end(), [&](const ReportedModule::World &world) {
    return world.claims == module.worlds.front().claims && world.verified == module.worlds.front().verified;
  });
}

// What another system alone can read, or can read further, is a gap of that system's, if any. Returns the files that it
// reads further.
std::set<std::string> add_units_of(Report &report, const WorldReport &world) {
  std::set<std::string> taken;
  std::map<std::string, const ReportedUnit *> there;
  for (const ReportedUnit &unit : world.report.units)
    there.emplace(unit.file, &unit);
  const auto take = [&](ReportedUnit &unit, const ReportedUnit &other) {
    unit = other;
    unit.config = world.world.name;
    std::erase_if(report.findings,
                  [&](const Finding &finding) { return is_of_unit(finding) && finding.subject.name == unit.file; });
  };
  for (ReportedUnit &unit : report.units)
    if (const auto other = there.find(unit.file); other != there.end() && unit.config.empty()) {
      if (reads_further(unit, *other->second)) {
        take(unit, *other->second);
        taken.insert(unit.file);
      }
      if (unit.status != UnitStatus::complete || other->second->status == UnitStatus::complete)
        there.erase(other);
    }
  std::erase_if(report.accounting.uncovered, [&](const std::string &file) { return there.contains(file); });
  for (const auto &[file, unit] : there) {
    report.units.push_back(*unit);
    report.units.back().config = world.world.name;
  }
  return taken;
}

// A unit that a world could not read in full.
void add_units(Report &report, const WorldReport &world) {
  std::set<std::string> complete; // in the build
  for (const ReportedUnit &unit : report.units)
    if (unit.status == UnitStatus::complete && unit.config.empty())
      complete.insert(unit.file);
  for (const ReportedUnit &unit : world.report.units)
    if (unit.status != UnitStatus::complete && unit.config.empty() && complete.contains(unit.file) &&
        std::none_of(report.units.begin(), report.units.end(), [&](const ReportedUnit &listed) {
          return listed.file == unit.file && listed.diagnostics == unit.diagnostics; // by a world before
        })) {
      report.units.push_back(unit);
      report.units.back().config = world.world.name;
    }
}

void add_modules(Report &report, const std::vector<WorldReport> &worlds) {
  const bool incomplete = report.accounting.incomplete();
  for (ReportedModule &module : report.modules)
    module.worlds.push_back({"build", module.claims, module.verified});
  for (const WorldReport &world : worlds)
    for (const ReportedModule &there : world.report.modules) {
      ReportedModule *module = same_module(report.modules, there);
      if (!module) {
        report.modules.push_back(there);
        module = &report.modules.back();
      }
      if (module->name.empty())
        module->name = there.name;
      module->worlds.push_back({world.world.name, there.claims, there.verified});
      judge(*module, world, there, incomplete);
    }
  for (ReportedModule &module : report.modules)
    if (agree(module))
      module.worlds.clear();
}

constexpr Profile judged_by_world[] = {Profile::own_gil, Profile::free_threaded};

// Whether a world may have the object though it was not found there: its file could not be read to the end, or an error
// stands on its line.
bool may_be_hidden(const ReportedObject &object, const WorldReport &world) {
  const auto hides = [&](const ReportedDiagnostic &diagnostic) {
    return diagnostic.place.file == object.place.file &&
           (diagnostic.severity == Severity::fatal || diagnostic.place.line == object.place.line);
  };
  return std::any_of(world.report.units.begin(), world.report.units.end(), [&](const ReportedUnit &unit) {
    return (unit.file == object.place.file && unit.status == UnitStatus::failed) ||
           std::any_of(unit.diagnostics.begin(), unit.diagnostics.end(), hides);
  });
}

void add_objects(Report &report, const WorldReport &world) {
  const auto there = by_key(world.report.objects, &ReportedObject::subject);
  std::set<Subject> here;
  for (ReportedObject &object : report.objects) {
    here.insert(object.subject);
    const auto same = there.find(object.subject);
    if (same == there.end() && may_be_hidden(object, world))
      continue;
    for (const Profile profile : judged_by_world) {
      Risk &risk = object.risk[static_cast<std::size_t>(profile)];
      const Risk seen = same == there.end() ? Risk::none : same->second->risk[static_cast<std::size_t>(profile)];
      if (!is_about(profile, world.world) || risk == seen)
        continue;
      risk = seen;
      object.risk_note += (object.risk_note.empty() ? "" : "; ") +
                          (same == there.end() ? "not in " + world.world.name
                                               : std::string(to_string(profile)) + " as read in " + world.world.name);
    }
  }
  for (const ReportedObject &object : world.report.objects)
    if (here.insert(object.subject).second) {
      report.objects.push_back(object);
      report.objects.back().configs = {world.world.name};
    }
}

// Of a unit that is listed as this world reads it.
bool is_listed_in(const Report &report, const Finding &finding, const WorldReport &world) {
  return std::any_of(report.units.begin(), report.units.end(), [&](const ReportedUnit &unit) {
    return unit.file == finding.subject.name && unit.config == world.world.name;
  });
}

void add_findings(Report &report, const WorldReport &world) {
  const auto there = by_key(world.report.findings, &Finding::fingerprint);
  std::set<std::string> here;
  for (Finding &finding : report.findings) {
    here.insert(finding.fingerprint);
    const auto same = there.find(finding.fingerprint);
    for (const Profile profile : judged_by_world)
      if (is_about(profile, world.world))
        finding.risk[static_cast<std::size_t>(profile)] =
            same == there.end() ? Risk::none : same->second->risk[static_cast<std::size_t>(profile)];
  }
  for (const Finding &finding : world.report.findings)
    if ((is_python(world) || !is_of_unit(finding) || is_listed_in(report, finding, world)) &&
        here.insert(finding.fingerprint).second)
      report.findings.push_back(finding);
  std::erase_if(report.findings, [](const Finding &finding) {
    return std::all_of(finding.risk.begin(), finding.risk.end(), [](Risk risk) { return risk == Risk::none; });
  });
}

// What a world has read is not inactive.
void drop_read_branches(Report &report, const WorldReport &world) {
  std::set<std::tuple<Place, std::string>> unread;
  for (const ReportedInactive &inactive : world.report.inactive)
    unread.insert({inactive.place, inactive.name});
  std::erase_if(report.inactive, [&](const ReportedInactive &inactive) {
    return !unread.contains({inactive.place, inactive.name});
  });
}

// What is said of files that a world has read further than the build is what that world says.
void take_files(Report &report, const WorldReport &world, const std::set<std::string> &files) {
  const auto there = by_key(world.report.objects, &ReportedObject::subject);
  for (ReportedObject &object : report.objects)
    if (const auto same = there.find(object.subject); same != there.end() && files.contains(object.place.file)) {
      object = *same->second;
      object.configs = {world.world.name};
    }
  const auto is_of_files = [&](const Finding &finding) {
    return !is_of_unit(finding) && files.contains(finding.place.file);
  };
  std::erase_if(report.findings, is_of_files);
  std::copy_if(world.report.findings.begin(), world.report.findings.end(), std::back_inserter(report.findings),
               is_of_files);
  for (const ReportedModule &module : world.report.modules)
    if (files.contains(module.place.file))
      if (ReportedModule *same = same_module(report.modules, module)) {
        same->claims = module.claims;
        same->verified = module.verified;
      }
}

// How many each world has; nothing where all have as many, and the same.
void note_objects(Report &report, std::size_t in_build, const std::vector<WorldReport> &worlds) {
  std::string counts = "objects by world: build " + std::to_string(in_build);
  for (const WorldReport &world : worlds)
    counts += ", " + world.world.name + " " + std::to_string(world.report.objects.size());
  if (report.objects.size() != in_build || std::any_of(worlds.begin(), worlds.end(), [&](const WorldReport &world) {
        return world.report.objects.size() != in_build;
      }))
    report.notes.push_back(counts + "; together " + std::to_string(report.objects.size()));
}

} // namespace

void add_worlds(Report &report, std::vector<WorldReport> worlds) {
  if (worlds.empty())
    return;
  const std::size_t in_build = report.objects.size();
  std::stable_partition(worlds.begin(), worlds.end(), is_python); // what other systems have is theirs alone
  add_modules(report, worlds);
  std::vector<std::pair<const WorldReport *, std::set<std::string>>> further;
  for (const WorldReport &world : worlds) {
    if (is_python(world))
      add_units(report, world);
    else if (world.world == windows_world())
      further.emplace_back(&world, add_units_of(report, world));
    add_objects(report, world);
    add_findings(report, world);
    drop_read_branches(report, world);
  }
  for (const auto &[world, files] : further)
    take_files(report, *world, files);
  note_objects(report, in_build, worlds);
  const auto by_place = [](const auto &a, const auto &b) {
    return std::tie(a.place, a.rule, a.subject, a.message) < std::tie(b.place, b.rule, b.subject, b.message);
  };
  std::sort(report.findings.begin(), report.findings.end(), by_place);
  std::sort(report.objects.begin(), report.objects.end(),
            [](const ReportedObject &a, const ReportedObject &b) { return a.subject < b.subject; });
  report.accounting = account(report, report.accounting.uncovered);
}

} // namespace ringfence
