#include "report/worlds.h"

#include <algorithm>
#include <set>

#include "report/accounting.h"
#include "report/names.h"

namespace ringfence {
namespace {

constexpr auto free_threaded = static_cast<std::size_t>(Profile::free_threaded);

template <class T, class Key> auto by_key(const std::vector<T> &list, Key T::*key) {
  std::map<Key, const T *> found;
  for (const T &each : list)
    found.emplace(each.*key, &each);
  return found;
}

ReportedModule *same_module(std::vector<ReportedModule> &modules, const ReportedModule &wanted) {
  const auto found = std::find_if(modules.begin(), modules.end(), [&](const ReportedModule &module) {
    return module.name == wanted.name && module.place.file == wanted.place.file;
  });
  return found == modules.end() ? nullptr : &*found;
}

bool is_silence(const std::string &verdict) { return verdict == "missing" || verdict == "could-claim-more"; }

// The newest world that the profile is about decides. What it does not find is said only where the build was read, too.
void judge(ReportedModule &module, const WorldReport &world, const ReportedModule &there, bool build_incomplete) {
  for (auto &[profile, verification] : module.verified) {
    const bool about = (profile == to_string(Profile::free_threaded)) == !world.gil;
    const auto said = there.verified.find(profile);
    if (!about || said == there.verified.end())
      continue;
    if (is_silence(said->second.verdict) && verification.verdict == "not-read" && build_incomplete)
      continue;
    verification = said->second;
  }
  for (const auto &[topic, value] : there.claims)
    if ((topic == "gil") == !world.gil || !module.claims.contains(topic))
      module.claims[topic] = value;
}

bool agree(const ReportedModule &module) {
  return std::all_of(module.worlds.begin(), module.worlds.end(), [&](const ReportedModule::World &world) {
    return world.claims == module.worlds.front().claims && world.verified == module.worlds.front().verified;
  });
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
      module->worlds.push_back({world.name, there.claims, there.verified});
      judge(*module, world, there, incomplete);
    }
  for (ReportedModule &module : report.modules)
    if (agree(module))
      module.worlds.clear();
}

void add_objects(Report &report, const WorldReport &world) {
  const auto there = by_key(world.report.objects, &ReportedObject::subject);
  std::set<Subject> here;
  for (ReportedObject &object : report.objects) {
    here.insert(object.subject);
    if (world.gil)
      continue;
    const auto same = there.find(object.subject);
    const Risk risk = same == there.end() ? Risk::none : same->second->risk[free_threaded];
    if (risk == object.risk[free_threaded])
      continue;
    object.risk[free_threaded] = risk;
    object.risk_note += (object.risk_note.empty() ? "" : "; ") +
                        (same == there.end() ? "not in " + world.name : "free-threaded as read in " + world.name);
  }
  for (const ReportedObject &object : world.report.objects)
    if (here.insert(object.subject).second) {
      report.objects.push_back(object);
      report.objects.back().configs = {world.name};
    }
}

void add_findings(Report &report, const WorldReport &world) {
  const auto there = by_key(world.report.findings, &Finding::fingerprint);
  std::set<std::string> here;
  for (Finding &finding : report.findings) {
    here.insert(finding.fingerprint);
    if (!world.gil) {
      const auto same = there.find(finding.fingerprint);
      finding.risk[free_threaded] = same == there.end() ? Risk::none : same->second->risk[free_threaded];
    }
  }
  for (const Finding &finding : world.report.findings)
    if (here.insert(finding.fingerprint).second)
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

} // namespace

void add_worlds(Report &report, std::vector<WorldReport> worlds) {
  if (worlds.empty())
    return;
  add_modules(report, worlds);
  for (const WorldReport &world : worlds) {
    add_objects(report, world);
    add_findings(report, world);
    drop_read_branches(report, world);
  }
  const auto by_place = [](const auto &a, const auto &b) {
    return std::tie(a.place, a.rule, a.subject, a.message) < std::tie(b.place, b.rule, b.subject, b.message);
  };
  std::sort(report.findings.begin(), report.findings.end(), by_place);
  std::sort(report.objects.begin(), report.objects.end(),
            [](const ReportedObject &a, const ReportedObject &b) { return a.subject < b.subject; });
  report.accounting = account(report, report.accounting.uncovered);
}

} // namespace ringfence
