#include "scan/world_units.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "extract/parse/system_headers.h"
#include "link/link.h"
#include "scan/conditions.h"
#include "scan/header_notes.h"
#include "scan/world_reach.h"

namespace ringfence {
namespace {

class WorldChoice {
public:
  WorldChoice(const SourceOptions &options, const SourceTree &tree, const std::vector<TuFacts> &facts,
              const FileSystem &files)
      : options_(options), tree_(tree), files_(files), installed_(installed_headers(files)),
        build_minor_(minor_of_headers(tree.units, files)) {
    std::map<std::string_view, const CompileUnit *> by_id;
    for (const CompileUnit &unit : tree.units)
      by_id.emplace(unit.id, &unit);
    for (const TuFacts &unit : facts)
      if (const auto found = by_id.find(unit.unit); found != by_id.end() && unit.config.empty())
        units_.emplace_back(&unit, found->second);
  }

  WorldUnits choose() {
    std::vector<World> worlds = options_.find_worlds ? newest_worlds() : options_.worlds;
    std::sort(worlds.begin(), worlds.end());
    const World *other = nullptr; // the one before, where units are read in it
    for (const World &world : worlds) {
      if (world == windows_world()) {
        add_windows();
        continue;
      }
      if (!options_.find_worlds && world.gil && world.abi.empty() && world.minor == build_minor_) {
        chosen_.worlds.push_back({world, ""});
        other = &world;
        continue;
      }
      const bool same = other && !world.gil && *other == with_gil(world);
      const PythonHeaders *headers = headers_for(world, installed_);
      const std::size_t before = chosen_.units.size();
      bool replaced = false;
      WorldReach reach(
          files_, [this](const std::string &path) { return path_of(path); },
          [&](std::string_view condition) { return same ? turn_by_gil(condition) : turn_in(condition, world); });
      for (const auto &[facts, unit] : units_)
        if ((!options_.find_worlds || asks_for(*facts, world)) && (!same || differs_by_gil(*facts)) &&
            ((!options_.find_worlds && !same) || reach.reaches(*facts, *unit))) {
          chosen_.units.push_back(in_world(*unit, world));
          replaced |= headers && replace_headers(chosen_.units.back(), world, *headers, tree_.root, files_);
        }
      const bool any = chosen_.units.size() > before;
      if (any || same)
        chosen_.worlds.push_back({world, replaced ? headers->folder : ""});
      other = any ? &world : nullptr;
    }
    if (options_.find_worlds)
      add_macros();
    return std::move(chosen_);
  }

private:
  bool asks_for(const TuFacts &unit, const World &world) {
    return std::any_of(unit.inactive.begin(), unit.inactive.end(),
                       [&](const Inactive &each) { return opens(each.condition, world, build_minor_); }) ||
           (unit.status != UnitStatus::complete && may_mend(unit, world)) || (!world.gil && differs_by_gil(unit));
  }

  Turn turn_in(std::string_view condition, const World &world) const {
    return opens(condition, world, build_minor_)                             ? Turn::opens
           : opens("!(" + std::string(condition) + ")", world, build_minor_) ? Turn::closes
                                                                             : Turn::stays;
  }

  // Between two worlds that only the GIL tells apart.
  static Turn turn_by_gil(std::string_view condition) {
    return contains(condition, "Py_GIL_DISABLED") ? Turn::opens : Turn::stays;
  }

  // Whether a branch that opens or closes there may have what an error is about, though it declares nothing.
  bool may_mend(const TuFacts &unit, const World &world) {
    const auto differs = [&](const std::string &condition) { return turn_in(condition, world) != Turn::stays; };
    return std::any_of(unit.files.begin(), unit.files.end(), [&](const FileFact &file) {
      if (!file.project)
        return false;
      const std::vector<std::string> &conditions = conditions_in(file.path);
      return std::any_of(conditions.begin(), conditions.end(), differs);
    });
  }

  // Whether it can say something else without the GIL: it leaves something out, or touches variables.
  bool differs_by_gil(const TuFacts &unit) {
    const auto of_gil = [](const Inactive &each) { return contains(each.condition, "Py_GIL_DISABLED"); };
    const auto touches = [](const Access &each) { return each.function != none && each.kind != AccessKind::read; };
    return std::any_of(unit.inactive.begin(), unit.inactive.end(), of_gil) ||
           (std::any_of(unit.accesses.begin(), unit.accesses.end(), touches) && names_the_gil(unit));
  }

  // Whether a file of the project that the unit reads has conditions on the GIL.
  bool names_the_gil(const TuFacts &unit) {
    return std::any_of(unit.files.begin(), unit.files.end(), [&](const FileFact &file) {
      const auto [known, is_new] = names_gil_.try_emplace(file.path, false);
      if (is_new && file.project)
        known->second = contains(files_.read(path_of(file.path)).value_or(""), "Py_GIL_DISABLED");
      return known->second;
    });
  }

  std::string path_of(const std::string &path) const {
    constexpr std::string_view build = "<build>/";
    return path.starts_with(build) ? tree_.build + "/" + path.substr(build.size()) : tree_.root + "/" + path;
  }

  // All units, and what only Windows compiles.
  void add_windows() {
    for (const auto &[facts, unit] : units_)
      add_windows_unit(*unit);
    for (const CompileUnit &unit : tree_.elsewhere)
      add_windows_unit(unit);
    chosen_.worlds.push_back({windows_world(), ""});
  }

  // A build that names these macros at all means that functions of Windows take wide strings.
  void add_windows_unit(const CompileUnit &unit) {
    chosen_.units.push_back(in_windows(unit, tree_.root, tree_.build, files_));
    for (const std::string macro : {"UNICODE", "_UNICODE"})
      if (tree_.possible_macros.contains(macro))
        chosen_.units.back().arguments.push_back("-D" + macro);
  }

  // Units with branches that are closed for want of a macro which the build may define.
  void add_macros() {
    const World &world = build_macros_world();
    const std::size_t before = chosen_.units.size();
    for (const auto &[facts, unit] : units_) {
      const std::set<std::string> macros = macros_for(*facts);
      if (macros.empty())
        continue;
      CompileUnit there = *unit;
      there.id += "@" + world.name;
      there.config = world.name;
      for (const std::string &macro : macros)
        there.arguments.push_back("-D" + macro + "=1");
      chosen_.units.push_back(std::move(there));
    }
    if (chosen_.units.size() > before)
      chosen_.worlds.push_back({world, ""});
  }

  // Where something was left out or not understood, a header may be closed that has what opens it.
  std::set<std::string> macros_for(const TuFacts &unit) {
    std::set<std::string> macros;
    if (tree_.possible_macros.empty() || (unit.inactive.empty() && unit.status == UnitStatus::complete))
      return macros;
    for (const Inactive &inactive : unit.inactive)
      macros.merge(opening_macros(inactive.condition, tree_.possible_macros));
    for (const FileFact &file : unit.files)
      if (file.project) {
        const std::set<std::string> &asked = asked_by(file.path);
        macros.insert(asked.begin(), asked.end());
      }
    return macros;
  }

  // The macros of the build that conditions of this file ask for.
  const std::set<std::string> &asked_by(const std::string &path) {
    const auto [known, is_new] = asked_by_.try_emplace(path);
    if (is_new)
      for (const std::string &condition : conditions_in(path))
        known->second.merge(opening_macros(condition, tree_.possible_macros));
    return known->second;
  }

  // What stands behind #if, #ifdef and #elif in this file.
  const std::vector<std::string> &conditions_in(const std::string &path) {
    const auto [known, is_new] = conditions_in_.try_emplace(path);
    if (is_new) {
      const std::string text = files_.read(path_of(path)).value_or("");
      for (std::string_view line : split(text, '\n')) {
        line = trim(line.substr(0, line.find("//")));
        if (!line.starts_with('#'))
          continue;
        line = trim(line.substr(1));
        const std::size_t word = std::min(line.find_first_of(" \t("), line.size());
        if (is_any(line.substr(0, word), {"if", "ifdef", "elif"}))
          known->second.emplace_back(trim(line.substr(word)));
      }
    }
    return known->second;
  }

  const SourceOptions &options_;
  const SourceTree &tree_;
  const FileSystem &files_;
  const std::vector<PythonHeaders> installed_;
  const std::optional<unsigned> build_minor_;
  std::vector<std::pair<const TuFacts *, const CompileUnit *>> units_; // of the build
  WorldUnits chosen_;
  std::map<std::string, bool> names_gil_; // by path
  std::map<std::string, std::set<std::string>> asked_by_;
  std::map<std::string, std::vector<std::string>> conditions_in_;
};

// The facts of one world, by the units that they stand for.
using ByUnit = std::map<std::string, TuFacts>;

std::map<std::string, ByUnit> by_world(std::vector<TuFacts> read) {
  std::map<std::string, ByUnit> worlds;
  for (TuFacts &facts : read) {
    ByUnit &units = worlds[facts.config];
    facts.unit.resize(facts.unit.size() - facts.config.size() - 1);
    facts.config.clear(); // it stands for the build's
    std::string unit = facts.unit;
    units.emplace(std::move(unit), std::move(facts));
  }
  return worlds;
}

// Whether a unit is one of Windows: not where it needs a header that only other systems have.
bool is_of_windows(const TuFacts &facts) {
  return std::none_of(facts.diagnostics.begin(), facts.diagnostics.end(), [](const Diagnostic &diagnostic) {
    const std::string header = missing_header(diagnostic);
    return !header.empty() && is_of_other_systems(header);
  });
}

// No unit of the build stands in for one that is not of Windows.
WorldProgram windows_program(const ByUnit &own, const std::vector<std::string> &uncovered, const Knowledge &knowledge,
                             unsigned jobs) {
  Linker linker(knowledge);
  std::size_t left_out = 0;
  for (const auto &[unit, facts] : own) {
    if (is_of_windows(facts))
      linker.add(facts);
    else
      ++left_out;
  }
  return {windows_world(), std::move(linker).link(uncovered, jobs), own.size(), left_out};
}

// Whether any unit of the tree can be read in another world. CPython's own tree is only where worlds are named: its
// headers have one version.
bool reads_other_worlds(const SourceOptions &options, const std::string &root, const FileSystem &files) {
  return options.find_worlds ? files.type(root + "/Include/Python.h") != FileType::regular : !options.worlds.empty();
}

} // namespace

WorldUnits world_units(const SourceOptions &options, const SourceTree &tree, const std::vector<TuFacts> &facts,
                       const FileSystem &files) {
  return reads_other_worlds(options, tree.root, files) ? WorldChoice(options, tree, facts, files).choose()
                                                       : WorldUnits();
}

std::vector<WorldProgram> link_worlds(const std::vector<TuFacts> &build, const std::vector<ReadWorld> &worlds,
                                      std::vector<TuFacts> read, const std::vector<std::string> &uncovered,
                                      const Knowledge &knowledge, unsigned jobs) {
  std::map<std::string, ByUnit> all = by_world(std::move(read));
  std::vector<WorldProgram> programs;
  for (const auto &[world, headers] : worlds) {
    const ByUnit &own = all[world.name];
    if (own.empty()) {
      programs.push_back({world, {}, 0});
      continue;
    }
    if (world == windows_world()) {
      programs.push_back(windows_program(own, uncovered, knowledge, jobs));
      continue;
    }
    const ByUnit none_read;
    const auto other = world.gil ? all.end() : all.find(with_gil(world).name);
    const ByUnit &otherwise = other == all.end() ? none_read : other->second;
    Linker linker(knowledge);
    for (const TuFacts &facts : build) {
      const auto found = own.find(facts.unit), same = otherwise.find(facts.unit);
      linker.add(found != own.end() ? found->second : same != otherwise.end() ? same->second : facts);
    }
    programs.push_back({world, std::move(linker).link(uncovered, jobs), own.size()});
  }
  return programs;
}

std::vector<std::string> notes_on_worlds(const std::vector<ReadWorld> &worlds,
                                         const std::vector<WorldProgram> &programs) {
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const std::string read = count_of(programs[i].units, "unit") + " read also ";
    if (worlds[i].world == build_macros_world())
      notes.push_back(read + "with macros that the build may define (" + worlds[i].world.name + ")");
    else if (worlds[i].world == windows_world())
      notes.push_back(read + "as on Windows, with the headers of MinGW" +
                      (programs[i].left_out == 0 ? ""
                                                 : "; " + std::to_string(programs[i].left_out) +
                                                       " of them need headers that only other systems have"));
    else if (programs[i].units == 0 && worlds[i].world.gil)
      notes.push_back("Python " + worlds[i].world.name + " is that of the build");
    else if (programs[i].units > 0)
      notes.push_back(read + "as Python " + worlds[i].world.name + ", with the headers " +
                      (worlds[i].headers.empty() ? "of the build" : "in " + worlds[i].headers));
  }
  return notes;
}

std::vector<std::string> notes_on_systems(const std::vector<ReportedInactive> &inactive,
                                          const std::vector<WorldProgram> &programs) {
  std::map<std::string_view, std::size_t> unread;
  for (const ReportedInactive &each : inactive)
    if (const std::string_view system = system_of(each.condition); !system.empty())
      ++unread[system];
  if (std::any_of(programs.begin(), programs.end(), [](const auto &each) { return each.world == windows_world(); }))
    unread.erase("Windows");
  std::vector<std::string> notes;
  notes.reserve(unread.size());
  for (const auto &[system, names] : unread)
    notes.push_back("not read: what only " + std::string(system) + " compiles (" + count_of(names, "name") +
                    ", listed as inactive): " +
                    (system == "Windows" ? "--world windows reads it, with the headers of MinGW"
                                         : "its headers are in no package for other systems"));
  return notes;
}

} // namespace ringfence
