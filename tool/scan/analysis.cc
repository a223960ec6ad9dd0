#include "scan/analysis.h"

#include <algorithm>

#include "base/file_system.h"
#include "base/load.h"
#include "base/parallel.h"
#include "base/path.h"
#include "base/text.h"
#include "facts/part.h"
#include "knowledge/api_names.h"
#include "knowledge/knowledge.h"
#include "link/link.h"
#include "report/restrict.h"
#include "report/worlds.h"
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
  linked.exclude = std::move(whole->exclude);
  Linker linker(rules.tables);
  for (TuFacts &facts : whole->units)
    linker.add(std::move(facts));
  linked.program = std::move(linker).link(std::move(whole->uncovered), options.jobs);
  linked.classify.profiles = options.profiles;
  linked.classify.jobs = options.jobs;
  linked.classify.min_python = options.min_python.empty() ? whole->min_python : options.min_python;
  linked.rules = std::move(rules);
  return linked;
}

} // namespace

void read_units(SourceTree &tree, const AnalysisOptions &options, const Knowledge &knowledge, const FileSystem &files,
                ScanObserver &observer, const std::function<void(TuFacts)> &use) {
  UnitReader reader({tree.root, tree.build, &knowledge}, options.cache, files);
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
void add_unread(SourceTree &tree, const UnreadFiles &files) {
  std::set<std::string> uncovered(tree.uncovered.begin(), tree.uncovered.end());
  for (const std::string &path : files.unread())
    if (std::optional<std::string> below = path_below(path, tree.root))
      uncovered.insert(std::move(*below));
  tree.uncovered.assign(uncovered.begin(), uncovered.end());
}

// Whether the unit leaves something out that another Python has.
bool asks_for_worlds(const TuFacts &facts) {
  return facts.config.empty() &&
         std::any_of(facts.inactive.begin(), facts.inactive.end(), [&](const Inactive &inactive) {
           return std::any_of(std::begin(version_words), std::end(version_words), [&](std::string_view word) {
             return inactive.condition.find(word) != std::string::npos;
           });
         });
}

// Reads units in other worlds, and links each world's program.
class WorldReader {
public:
  WorldReader(const AnalysisOptions &options, const SourceTree &tree, const std::vector<TuFacts> &facts,
              const FileSystem &disk, ScanObserver &observer)
      : options_(options), tree_(tree), facts_(facts), disk_(disk), observer_(observer),
        installed_(installed_headers(disk)) {
    for (const TuFacts &unit : facts)
      if (unit.config.empty() && (!options.source.find_worlds || asks_for_worlds(unit)))
        wanted_.insert(unit.unit);
  }

  std::vector<WorldProgram> read(const Knowledge &knowledge, std::vector<std::string> &notes) {
    std::vector<WorldProgram> programs;
    if (wanted_.empty())
      return programs;
    for (const World &world : options_.source.find_worlds ? newest_worlds() : options_.source.worlds) {
      notes.push_back(note_on(world));
      programs.push_back({world, link(world, knowledge)});
    }
    return programs;
  }

private:
  std::string note_on(const World &world) const {
    const PythonHeaders *headers = headers_for(world, installed_);
    return count_of(wanted_.size(), "unit") + " read also as Python " + world.name + ", with " +
           (headers ? "the headers in " + headers->folder : std::string("the headers of the build"));
  }

  Program link(const World &world, const Knowledge &knowledge) const {
    SourceTree tree;
    tree.root = tree_.root;
    tree.build = tree_.build;
    for (const CompileUnit &unit : tree_.units)
      if (wanted_.contains(unit.id))
        tree.units.push_back(in_world(unit, world, headers_for(world, installed_), disk_));
    Linker linker(knowledge);
    read_units(tree, options_, knowledge, disk_, observer_, [&](TuFacts facts) {
      facts.config.clear(); // it stands for the build's
      facts.unit.resize(facts.unit.size() - world.name.size() - 1);
      linker.add(std::move(facts));
    });
    for (const TuFacts &facts : facts_)
      if (!wanted_.contains(facts.unit))
        linker.add(facts);
    return std::move(linker).link(tree_.uncovered, options_.jobs);
  }

  const AnalysisOptions &options_;
  const SourceTree &tree_;
  const std::vector<TuFacts> &facts_;
  const FileSystem &disk_;
  ScanObserver &observer_;
  const std::vector<PythonHeaders> installed_;
  std::set<std::string> wanted_; // ids of units
};

// CPython is no extension that other Pythons load: its own headers have one version.
bool can_be_of_other_worlds(const AnalysisOptions &options, const SourceTree &tree, const FileSystem &disk) {
  return options.source.find_worlds ? disk.type(tree.root + "/Include/Python.h") != FileType::regular
                                    : !options.source.worlds.empty();
}

// The facts of the tree's units. `disk`: what `files` are made of.
Result<LinkedTree> link_units(const AnalysisOptions &options, SourceTree tree, RuleSet rules, const UnreadFiles &files,
                              const FileSystem &disk, ScanObserver &observer) {
  LinkedTree linked;
  linked.settings = options.settings;
  linked.classify.profiles = options.profiles;
  linked.classify.jobs = options.jobs;
  linked.classify.min_python = options.min_python.empty() ? find_min_python(tree.root, files) : options.min_python;
  add_unread(tree, files);
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
  Linker linker(rules.tables);
  const bool worlds = can_be_of_other_worlds(options, tree, disk);
  std::vector<TuFacts> kept;
  read_units(tree, options, rules.tables, disk, observer, [&](TuFacts facts) {
    if (worlds)
      kept.push_back(facts);
    linker.add(std::move(facts));
  });
  linked.worlds = WorldReader(options, tree, kept, disk, observer).read(rules.tables, tree.notes);
  linked.program = std::move(linker).link(tree.uncovered, options.jobs);
  if (linked.touched)
    complete_touched(linked.program, tree.root, disk, *linked.touched);
  else if (!tree.single.empty())
    linked.touched = files_of_its_own(linked.program, tree.single);
  linked.tree = std::move(tree);
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
  for (const WorldProgram &world : linked.worlds)
    worlds.push_back({world.world.name, world.world.gil, classify(world.program, linked.rules, linked.classify)});
  add_worlds(report, std::move(worlds));
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
