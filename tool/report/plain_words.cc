#include "report/plain_words.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/text.h"
#include "report/claims.h"
#include "report/names.h"
#include "report/problem.h"
#include "source/unit_origin.h"

namespace ringfence {
namespace {

std::string folder_of(const std::string &file) { return file.substr(0, file.rfind('/') + 1); }

// Calls `visit` with the file's folder and those above: "a/b/", "a/", "".
void for_folders(const std::string &file, const auto &visit) {
  for (std::string folder = folder_of(file);; folder = folder_of(folder.substr(0, folder.size() - 1))) {
    visit(folder);
    if (folder.empty())
      return;
  }
}

constexpr std::string_view word_spellings[] = {"unsafe", "not read", "incomplete", "unclaimed", "refused", "ok"};
constexpr std::string_view meanings[] = {
    "loads there, and breaks",
    "what it says of that world, or what could stand against it, was not read",
    "nothing found against it, but not all of its code was read",
    "does not say whether it works there",
    "says that it does not work there, or Python keeps it out",
    "works there",
};

// A world without the GIL is about free-threading alone, others with a version about all but that.
bool is_about(std::string_view world, Profile profile) {
  const bool named = !world.empty() && is_digit(world.front());
  return !named || world.ends_with('t') == (profile == Profile::free_threaded);
}

// "a, b and c"
std::string join_with_and(const std::vector<std::string> &names) {
  if (names.size() < 2)
    return join(names, "");
  return join({names.begin(), names.end() - 1}, ", ") + " and " + names.back();
}

// "a, b, c and 72 more"
std::string listed(const std::vector<std::string> &names) {
  constexpr std::size_t shown = 4;
  if (names.size() <= shown)
    return join_with_and(names);
  return join({names.begin(), names.begin() + 3}, ", ") + " and " + std::to_string(names.size() - 3) + " more";
}

// The modules by the worst word that each has in any world, those with most unsafe ones first.
struct Tally {
  std::map<PlainWord, std::map<Profile, std::size_t>> profiles; // how many modules have the word there
  std::map<PlainWord, std::vector<std::pair<std::size_t, std::string>>> modules;
  std::set<std::string> worlds; // in which one is unsafe that is not so by its own verdict

  std::vector<std::string> names(PlainWord word) {
    std::vector<std::string> sorted;
    sorted.reserve(modules[word].size());
    std::ranges::stable_sort(modules[word], std::greater(), &std::pair<std::size_t, std::string>::first);
    for (const auto &[unsafe, name] : modules[word])
      sorted.push_back(name);
    return sorted;
  }
};

Tally tally_of(const Report &report) {
  const PlainWords words(report);
  Tally tally;
  for (const ReportedModule &module : report.modules) {
    std::map<Profile, std::set<PlainWord>> of_profile;
    PlainWord worst = PlainWord::ok;
    const std::vector<WorldWords> rows = words.by_world(module);
    for (const WorldWords &each : rows)
      for (std::size_t i = 0; i < report.profiles.size(); ++i)
        if (each.words[i]) {
          of_profile[report.profiles[i]].insert(*each.words[i]);
          worst = std::min(worst, *each.words[i]);
          if (each.words[i] == PlainWord::unsafe && rows[0].words[i] != PlainWord::unsafe)
            tally.worlds.insert(each.world);
        }
    std::size_t unsafe = 0;
    for (const auto &[profile, all] : of_profile) {
      unsafe += all.count(PlainWord::unsafe);
      for (const PlainWord word : all)
        ++tally.profiles[word][profile];
    }
    tally.modules[worst].emplace_back(unsafe, module.name);
  }
  return tally;
}

// "own-gil and multi-init"; with the number of modules "own-gil (11) and free-threaded (75)"
std::string profiles_text(const std::map<Profile, std::size_t> &profiles, bool counted) {
  std::vector<std::string> names;
  names.reserve(profiles.size());
  for (const auto &[profile, count] : profiles)
    names.push_back(std::string(to_string(profile)) + (counted ? " (" + std::to_string(count) + ")" : ""));
  return join_with_and(names);
}

std::string unsafe_text(const Report &report, Tally &tally) {
  const std::vector<std::string> names = tally.names(PlainWord::unsafe);
  const auto &profiles = tally.profiles[PlainWord::unsafe];
  const std::string read =
      tally.worlds.empty() ? "" : ", as read for " + join_with_and({tally.worlds.begin(), tally.worlds.end()});
  if (report.modules.size() == 1)
    return "Not safe: " + names.front() + " loads under " + profiles_text(profiles, false) + " and breaks there" +
           read + ".";
  return "Not safe: " + std::to_string(names.size()) + " of " + std::to_string(report.modules.size()) +
         " modules load where they break, under " + profiles_text(profiles, true) + read + ": " + listed(names) + ".";
}

// "; 2 units were not read in full, and may define one"
std::string unread_units(const Report &report) {
  const auto unread = static_cast<std::size_t>(std::ranges::count_if(
      report.units, [](const ReportedUnit &unit) { return unit.status != UnitStatus::complete; }));
  if (unread == 0)
    return "";
  return "; " + count_of(unread, "unit") + (unread == 1 ? " was" : " were") + " not read in full, and may define one";
}

// Whether the verdict on a claim of any module names something against it, or a finding of high risk speaks of one.
bool stands_against_any(const Report &report) {
  const bool refuted = std::ranges::any_of(report.modules, [](const ReportedModule &module) {
    return std::ranges::any_of(module.verified, [](const auto &each) { return !each.second.refuted_by.empty(); });
  });
  return refuted || std::ranges::any_of(report.findings, [&](const Finding &finding) {
           return finding.subject.kind == SubjectKind::module && !finding.suppressed &&
                  highest_risk(finding.risk, report.profiles) == Risk::high;
         });
}

// "Nothing was found against m, and all of it was read."; problems of less risk are no reason against a claim, and not
// nothing.
std::string fine_text(const Report &report, const std::string &which) {
  const std::vector<Problem> problems = problems_of(report, report.profiles, Risk::medium);
  const auto less = static_cast<std::size_t>(std::ranges::count_if(
      problems, [&](const Problem &problem) { return highest_risk(problem.risk, report.profiles) == Risk::medium; }));
  if (less == 0)
    return "Nothing was found against " + which + ", and all of it was read.";
  return "Nothing of high risk was found against " + which + ", and all of it was read; " + count_of(less, "problem") +
         " of less risk " + (less == 1 ? "is" : "are") + " below.";
}

} // namespace

std::string_view to_string(PlainWord word) { return word_spellings[static_cast<std::size_t>(word)]; }

std::string_view meaning_of(Profile profile) {
  switch (profile) {
  case Profile::shared_gil:
    return "several interpreters that take turns under one GIL";
  case Profile::own_gil:
    return "each with a GIL of its own";
  case Profile::free_threaded:
    return "a Python without the GIL";
  case Profile::multi_init:
    return "loaded once more, or Python started again";
  }
  return "";
}

std::string_view meaning_of(PlainWord word) { return meanings[static_cast<std::size_t>(word)]; }

std::string init_text(const ReportedModule &module) {
  if (module.init == InitKind::none)
    return module.binding.empty() ? "init not read" : module.binding;
  return std::string(to_string(module.init)) + (module.binding.empty() ? "" : ", " + module.binding);
}

PlainWords::PlainWords(const Report &report) : report_(report) {
  for (const ReportedUnit &unit : report.units) {
    if (unit.status != UnitStatus::complete)
      for_folders(unit.file, [&](const std::string &folder) { partial_.insert(folder); });
    if (unit.origin == UnitOrigin::inferred)
      inferred_.insert(unit.file);
  }
  for (const std::string &file : report.accounting.uncovered)
    for_folders(file, [&](const std::string &folder) { uncovered_.insert(folder); });
  for (const Profile profile : report.profiles) {
    for (const ReportedObject &object : report.objects)
      if (risk_of(object.risk, profile) == Risk::high)
        high_.emplace(profile, object.subject.id());
    for (const Finding &finding : report.findings)
      if (risk_of(finding.risk, profile) == Risk::high)
        high_.emplace(profile, finding.subject.id());
  }
  std::set<std::string> files;
  for (const ReportedModule &module : report.modules)
    if (files.insert(module.place.file).second)
      for_folders(module.place.file, [&](const std::string &folder) { ++module_files_[folder]; });
}

// Whether a unit of the module's folder, or below it, was not read in full; or a source file there that may be its own:
// what a compile database leaves out beside several modules is another platform's, as a rule.
bool PlainWords::read_in_part(const ReportedModule &module) const {
  const std::string folder = folder_of(module.place.file);
  const auto files = module_files_.find(folder);
  const bool alone = files != module_files_.end() && files->second == 1;
  return partial_.contains(folder) || (uncovered_.contains(folder) && (alone || inferred_.contains(module.place.file)));
}

bool PlainWords::breaks(const ReportedModule::Verification &claim, Profile profile) const {
  return std::ranges::any_of(claim.refuted_by, [&](const std::string &id) { return high_.contains({profile, id}); });
}

PlainWord PlainWords::of(const ReportedModule &module, const std::map<std::string, std::string> &claims,
                         const Verified &verified, Profile profile) const {
  const auto found = verified.find(std::string(to_string(profile)));
  if (found == verified.end() || found->second.verdict == ClaimVerdict::missing)
    return PlainWord::unclaimed;
  const ReportedModule::Verification &claim = found->second;
  // Whatever else it has, an interpreter with a GIL of its own does not import it.
  const bool kept_out = profile == Profile::own_gil && module.init == InitKind::single_phase;
  if (claim.verdict == ClaimVerdict::not_read)
    return kept_out && says(module, claims, profile) == false ? PlainWord::refused : PlainWord::not_read;
  if (claim.verdict == ClaimVerdict::refuted)
    return PlainWord::unsafe;
  if (says(module, claims, profile) != false)
    return read_in_part(module) ? PlainWord::incomplete : PlainWord::ok;
  // That a module is single-phase keeps it out of isolated interpreters alone (CPython's Python/import.c,
  // check_multi_interp_extensions): elsewhere it loads, unless it refuses by itself.
  if (module.init != InitKind::single_phase || (profile != Profile::shared_gil && profile != Profile::multi_init))
    return PlainWord::refused;
  if (breaks(claim, profile))
    return PlainWord::unsafe;
  return claim.verdict == ClaimVerdict::holds && claim.refuted_by.empty() ? PlainWord::refused : PlainWord::unclaimed;
}

std::vector<WorldWords> PlainWords::by_world(const ReportedModule &module) const {
  std::vector<WorldWords> rows{{"", nullptr, {}}};
  for (const Profile profile : report_.profiles)
    rows[0].words.emplace_back(of(module, profile));
  for (const ReportedModule::World &world : module.worlds) {
    WorldWords row{world.name == "build" ? "this build" : world.name, &world, {}};
    bool differs = false;
    for (std::size_t i = 0; i < report_.profiles.size(); ++i) {
      std::optional<PlainWord> &word = row.words.emplace_back();
      if (is_about(world.name, report_.profiles[i]))
        word = of(module, world.claims, world.verified, report_.profiles[i]);
      if (word == PlainWord::not_read) // another world did
        word.reset();
      differs = differs || (word && word != rows[0].words[i]);
    }
    if (differs)
      rows.push_back(std::move(row));
  }
  return rows;
}

Answer answer_of(const Report &report) {
  if (report.modules.empty())
    return {PlainWord::incomplete, "No extension module was recognised in what was read" + unread_units(report) + "."};
  Tally tally = tally_of(report);
  const PlainWord worst = tally.modules.begin()->first;
  const std::vector<std::string> names = tally.names(worst);
  const std::string which = report.modules.size() == 1
                                ? names.front()
                                : std::to_string(names.size()) + " of " + std::to_string(report.modules.size()) +
                                      " modules (" + listed(names) + ")";
  if (worst == PlainWord::unsafe)
    return {worst, unsafe_text(report, tally)};
  if (worst == PlainWord::not_read || worst == PlainWord::incomplete)
    return {worst, stands_against_any(report)
                       ? "Not known: not all code of " + which + " was read; what was read has problems."
                       : "Not known: nothing was found against " + which + ", but not all of its code was read."};
  if (worst == PlainWord::ok)
    return {worst, fine_text(report, which)};
  std::vector<std::string> parts;
  const bool one = report.modules.size() == 1;
  for (const PlainWord word : {PlainWord::refused, PlainWord::unclaimed})
    if (const auto at = tally.profiles.find(word); at != tally.profiles.end())
      parts.push_back(std::string(to_string(word)) + " under " + profiles_text(at->second, !one));
  const std::string who = one ? which + " is " + join_with_and(parts) : which + " are " + join(parts, "; ");
  return {worst, "No claim is false, but not every world is claimed: " + who + "."};
}

} // namespace ringfence
