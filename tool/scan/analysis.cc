#include "scan/analysis.h"

#include <algorithm>
#include <map>

#include "base/file_system.h"
#include "base/load.h"
#include "base/parallel.h"
#include "base/path.h"
#include "base/text.h"
#include "extract/extract.h"
#include "facts/part.h"
#include "knowledge/api_names.h"
#include "knowledge/knowledge.h"
#include "link/definitions.h"
#include "link/link.h"
#include "report/restrict.h"
#include "report/worlds.h"
#include "scan/header_notes.h"
#include "scan/unit_reader.h"
#include "scan/unread_files.h"
#include "settings/apply.h"
#include "source/changes.h"
#include "source/min_python.h"
#include "source/tree.h"

namespace ringfence {
namespace {

// A file that is gone is read by nobody. Those that can have read it miss something now, or read another of its name.
void add_past_readers(const Program &program, const std::string &root, const FileSystem &disk,
                      std::set<std::string> &changed) {
  std::set<std::string, std::less<>> gone; // bare names
  for (const std::string &path : changed)
    if (disk.type(root + "/" + path) != FileType::regular)
      gone.emplace(file_name(path));
  if (gone.empty())
    return;
  for (const UnitSummary &unit : program.units)
    if (unit.status != UnitStatus::complete || std::any_of(unit.files.begin(), unit.files.end(), [&](Index file) {
          return gone.contains(file_name(program.files[file].path));
        }))
      changed.insert(unit.file);
}

// What changes every unit or every verdict; empty where it is as it was.
std::string changed_ground(const std::set<std::string> &changed, const SourceTree &tree, const std::string &settings,
                           const FileSystem &files) {
  for (const std::string &path : {tree.database, settings})
    if (const auto below = path_below(files.real_path(path).value_or(path), tree.root);
        below && changed.contains(*below))
      return *below;
  return "";
}

// What --changed-since is to keep: nothing where that is everything. Leaves no unit to read where none can be touched.
Result<std::optional<std::set<std::string>>> find_touched(const AnalysisOptions &options, SourceTree &tree,
                                                          const FileSystem &files) {
  auto changed = changed_files(tree.root, options.changed_since);
  if (!changed)
    return tl::unexpected(changed.error());
  if (const std::string ground = changed_ground(*changed, tree, options.settings.file, files); !ground.empty()) {
    tree.notes.push_back("--changed-since: " + ground + " has changed, which every result rests on: all are reported");
    return std::nullopt;
  }
  const TreeFiles listing = walk_tree(tree.root, files);
  std::set<std::string> units, any(listing.headers.begin(), listing.headers.end());
  for (const CompileUnit &unit : tree.units)
    if (auto below = path_below(unit.file, tree.root))
      units.insert(std::move(*below));
  changed->merge(ignored_files(tree.root, units));
  any = ignored_files(tree.root, any);
  any.insert(changed->begin(), changed->end());
  if (!concerns_code(any, tree, files)) {
    tree.units.clear();
    tree.uncovered.clear();
  }
  return std::move(*changed);
}

// The same once it is known what each unit reads.
void complete_touched(const Program &program, const std::string &root, const FileSystem &disk,
                      std::set<std::string> &touched) {
  std::set<std::string> readers;
  for (const UnitSummary &unit : program.units)
    if (std::any_of(unit.files.begin(), unit.files.end(),
                    [&](Index file) { return touched.contains(program.files[file].path); }))
      readers.insert(unit.file);
  add_past_readers(program, root, disk, touched);
  touched.merge(readers);
  std::set<std::string> read;
  for (const FileFact &file : program.files)
    if (file.project)
      read.insert(file.path);
  touched.merge(ignored_files(root, read));
}

// The files that concern `single` alone: itself and what no other known unit reads.
std::set<std::string> files_of_its_own(const Program &program, const std::string &single) {
  std::set<std::string> own, of_others;
  for (const UnitSummary &unit : program.units)
    for (const Index file : unit.files)
      (unit.file == single ? own : of_others).insert(program.files[file].path);
  for (const std::string &file : of_others)
    own.erase(file);
  own.insert(single);
  return own;
}

// The facts of all units: into the program of the build and those of other worlds.
void link_facts(LinkedTree &linked, std::vector<TuFacts> build, const std::vector<ReadWorld> &worlds,
                std::vector<TuFacts> read, const std::vector<std::string> &uncovered, const Knowledge &knowledge,
                unsigned jobs) {
  std::vector<TuFacts *> all;
  for (auto *units : {&build, &read})
    for (TuFacts &facts : *units)
      all.push_back(&facts);
  tell_definitions_apart(all);
  linked.worlds = link_worlds(build, worlds, std::move(read), uncovered, knowledge, jobs);
  for (std::string &note : notes_on_worlds(worlds, linked.worlds))
    linked.tree.notes.push_back(std::move(note));
  Linker linker(knowledge);
  for (TuFacts &facts : build)
    linker.add(std::move(facts));
  linked.program = std::move(linker).link(uncovered, jobs);
}

// As the system has them that reads each furthest.
std::vector<UnitSummary> units_as_read(const LinkedTree &linked) {
  std::map<std::string, UnitSummary> units;
  for (const UnitSummary &unit : linked.program.units)
    units.emplace(unit.id, unit);
  for (const WorldProgram &world : linked.worlds)
    if (world.world == windows_world())
      for (const UnitSummary &unit : world.program.units)
        if (const auto [known, is_new] = units.emplace(unit.id, unit); !is_new && reads_further(known->second, unit))
          known->second = unit;
  std::vector<UnitSummary> list;
  for (auto &[id, unit] : units)
    list.push_back(std::move(unit));
  return list;
}

// Before all other notes.
void note_headers(LinkedTree &linked, const FileSystem &files) {
  std::vector<std::string> notes =
      notes_on_headers(units_as_read(linked), linked.tree, linked.classify.min_python, files, system_packages());
  linked.tree.notes.insert(linked.tree.notes.begin(), std::make_move_iterator(notes.begin()),
                           std::make_move_iterator(notes.end()));
}

void note_min_python(const std::string &min_python, std::vector<std::string> &notes) {
  if (!min_python.empty())
    notes.push_back("advice is for Python " + min_python + " and later, the oldest that the project names");
}

// The facts that `ringfence extract` wrote, instead of a tree's own. Source lines are read below `path` where it
// exists.
Result<LinkedTree> link_parts(const AnalysisOptions &options, RuleSet rules, const FileSystem &files) {
  std::vector<Part> parts;
  for (const std::string &file : options.parts) {
    Result<Part> part = load(files, file, part_from_bytes);
    if (!part)
      return tl::unexpected(part.error());
    parts.push_back(std::move(*part));
  }
  Result<Part> whole = merge(std::move(parts));
  if (!whole)
    return tl::unexpected(whole.error());
  if (whole->tables != rules.tables.hash())
    return fail("the facts were extracted with other tables of names: give merge and extract the same --rules");

  LinkedTree linked;
  linked.path = whole->path;
  const std::string &lines = options.source.path.empty() ? whole->path : options.source.path;
  linked.tree.root = files.real_path(lines).value_or(lines);
  linked.tree.notes = std::move(whole->notes);
  linked.classify.min_python = options.min_python.empty() ? whole->min_python : options.min_python;
  note_min_python(linked.classify.min_python, linked.tree.notes);
  linked.exclude = std::move(whole->exclude);
  std::vector<ReadWorld> worlds;
  for (const auto &[name, headers] : whole->worlds)
    if (const auto world = name == build_macros_world().name ? build_macros_world() : world_from(name))
      worlds.push_back({*world, headers});
  std::sort(worlds.begin(), worlds.end(), [](const ReadWorld &a, const ReadWorld &b) { return a.world < b.world; });
  const auto in_world = std::stable_partition(whole->units.begin(), whole->units.end(), [&](const TuFacts &facts) {
    return !whole->worlds.contains(facts.config);
  });
  std::vector<TuFacts> read(std::make_move_iterator(in_world), std::make_move_iterator(whole->units.end()));
  whole->units.erase(in_world, whole->units.end());
  link_facts(linked, std::move(whole->units), worlds, std::move(read), whole->uncovered, rules.tables, options.jobs);
  linked.classify.profiles = options.profiles;
  linked.classify.jobs = options.jobs;
  note_headers(linked, files);
  linked.rules = std::move(rules);
  return linked;
}

} // namespace

void read_units(SourceTree &tree, const AnalysisOptions &options, const Knowledge &knowledge, const FileSystem &files,
                ScanObserver &observer, const std::function<void(TuFacts)> &use) {
  UnitReader reader({tree, &knowledge}, options.cache, files);
  observer.begin(tree.units.size());
  reader.read(tree.units, {.jobs = options.jobs, .shared_parse = options.shared_parse, .limits = options.unit_limits},
              [&](TuFacts facts) {
                const std::string unit = facts.unit;
                use(std::move(facts));
                observer.done(unit);
              });
  if (const std::size_t unknown = reader.read_known(tree.others, options.jobs, use).size(); unknown > 0)
    tree.notes.push_back("what " + count_of(unknown, "other unit") +
                         " of the tree may do with it is not told: a scan of " + tree.root + " makes them known");
  observer.end();
  for (const std::string &note : reader.finish())
    observer.note(note);
}

namespace {

// Files of the tree that were asked for and could not be read are listed with those that no unit names.
void add_unread(std::vector<std::string> &uncovered, const std::string &root, const UnreadFiles &files) {
  std::set<std::string> all(uncovered.begin(), uncovered.end());
  for (const std::string &path : files.unread())
    if (std::optional<std::string> below = path_below(path, root))
      all.insert(std::move(*below));
  uncovered.assign(all.begin(), all.end());
}

// Reads the tree's units, and those that ask for it in other worlds.
void read_and_link(LinkedTree &linked, const AnalysisOptions &options, const Knowledge &knowledge,
                   const UnreadFiles &files, const FileSystem &disk, ScanObserver &observer) {
  SourceTree &tree = linked.tree;
  std::vector<TuFacts> build, read;
  read_units(tree, options, knowledge, disk, observer, [&](TuFacts facts) { build.push_back(std::move(facts)); });
  WorldUnits in_worlds = world_units(options.source, tree, build, files);
  SourceTree others{{tree.root, tree.build}};
  others.units = std::move(in_worlds.units);
  if (!others.units.empty())
    read_units(others, options, knowledge, disk, observer, [&](TuFacts facts) { read.push_back(std::move(facts)); });
  link_facts(linked, std::move(build), in_worlds.worlds, std::move(read), tree.uncovered, knowledge, options.jobs);
}

// The facts of the tree's units. `disk`: what `files` are made of.
Result<LinkedTree> link_units(const AnalysisOptions &options, SourceTree tree, RuleSet rules, const UnreadFiles &files,
                              const FileSystem &disk, ScanObserver &observer) {
  LinkedTree linked;
  linked.settings = options.settings;
  linked.classify.profiles = options.profiles;
  linked.classify.jobs = options.jobs;
  linked.classify.min_python = options.min_python.empty() ? find_min_python(tree.root, files) : options.min_python;
  add_unread(tree.uncovered, tree.root, files);
  note_min_python(linked.classify.min_python, tree.notes);
  if (!options.settings.note.empty())
    tree.notes.push_back(options.settings.note);
  if (!options.settings.file.empty())
    tree.notes.insert(tree.notes.begin(), "settings: " + options.settings.file);
  if (!options.changed_since.empty()) {
    auto touched = find_touched(options, tree, files);
    if (!touched)
      return tl::unexpected(touched.error());
    linked.touched = std::move(*touched);
  }
  linked.path = options.source.path;
  linked.exclude = options.source.exclude;
  linked.tree = std::move(tree);
  const std::size_t unread = files.unread().size();
  read_and_link(linked, options, rules.tables, files, disk, observer);
  note_headers(linked, files);
  if (files.unread().size() > unread)
    add_unread(linked.program.uncovered, linked.tree.root, files);
  if (linked.touched)
    complete_touched(linked.program, linked.tree.root, disk, *linked.touched);
  else if (!linked.tree.single.empty())
    linked.touched = files_of_its_own(linked.program, linked.tree.single);
  linked.rules = std::move(rules);
  return linked;
}

// The tree that `link` makes of files; where it makes none and one of them could not be read, that is the reason.
template <class Link> ScanResult<LinkedTree> watch_reads(const FileSystem &disk, Link link) {
  const UnreadFiles files(disk);
  return link(files).map_error([&](const Error &error) {
    return ScanError{error, files.unread().empty() ? exit_usage : exit_incomplete};
  });
}

} // namespace

ScanResult<LinkedTree> link_tree(const AnalysisOptions &options, const FileSystem &disk, ScanObserver &observer) {
  return watch_reads(disk, [&](const UnreadFiles &files) -> Result<LinkedTree> {
    if (!options.parts.empty())
      return load_rules(options.rules, files).and_then([&](RuleSet &&rules) {
        return link_parts(options, std::move(rules), files);
      });
    Result<RuleSet> rules;
    Result<SourceTree> tree;
    run_parallel(
        options.jobs, [&] { tree = load_tree(options.source, files); },
        [&] { rules = load_rules(options.rules, files); });
    if (!rules)
      return tl::unexpected(rules.error());
    if (const Result<void> known = check_rules(options.settings, *rules); !known)
      return tl::unexpected(known.error());
    return std::move(tree).and_then([&](SourceTree &&loaded) {
      return link_units(options, std::move(loaded), std::move(*rules), files, disk, observer);
    });
  });
}

ScanResult<LinkedTree> link_tree(const AnalysisOptions &options, RuleSet rules, const FileSystem &disk,
                                 ScanObserver &observer) {
  return watch_reads(disk, [&](const UnreadFiles &files) -> Result<LinkedTree> {
    if (!options.parts.empty())
      return link_parts(options, std::move(rules), files);
    return load_tree(options.source, files).and_then([&](SourceTree &&tree) {
      return link_units(options, std::move(tree), std::move(rules), files, disk, observer);
    });
  });
}

Report report_of(const LinkedTree &linked) {
  Report report = classify(linked.program, linked.rules, linked.classify);
  report.tool_version = tool_version();
  report.clang_version = clang_version();
  report.root = linked.path;
  report.notes.insert(report.notes.begin(), linked.tree.notes.begin(), linked.tree.notes.end());
  std::vector<WorldReport> worlds;
  for (const WorldProgram &world : linked.worlds) {
    if (world.units > 0)
      worlds.push_back({world.world, classify(world.program, linked.rules, linked.classify)});
    else
      worlds.push_back({world.world, world.world.gil ? report : worlds.back().report});
  }
  add_worlds(report, std::move(worlds));
  for (std::string &note : notes_on_systems(report.inactive, linked.worlds))
    report.notes.push_back(std::move(note));
  apply_settings(report, linked.settings);
  leave_out(report, linked.exclude);
  if (linked.touched)
    restrict_to(report, *linked.touched);
  return report;
}

ScanResult<Report> analyse(const AnalysisOptions &options, const FileSystem &files, ScanObserver &observer) {
  return link_tree(options, files, observer).map(report_of);
}

ExitCode exit_code_of(const ScanResult<Report> &report) {
  if (!report)
    return report.error().code;
  return report->accounting.incomplete() ? exit_incomplete : exit_clean;
}

std::string tool_version() { return RINGFENCE_VERSION; }

} // namespace ringfence
