// `ringfence extract`: writes the facts of a tree's units, or of one shard of them, for `ringfence merge`. A unit that
// could not be read is in the facts, and merge says so.
#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file_system.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "extract/extract.h"
#include "extract/shared/extract_all.h"
#include "facts/part.h"
#include "scan/analysis.h"
#include "scan/ninja_file.h"
#include "source/min_python.h"

namespace ringfence {
namespace {

// Units that follow each other cost alike, being neighbours in the tree: deal them out in turn.
std::vector<CompileUnit> units_of_shard(const std::vector<CompileUnit> &units, const ExtractOptions &options) {
  std::vector<CompileUnit> own;
  for (std::size_t i = options.shard - 1; i < units.size(); i += options.shards)
    own.push_back(units[i]);
  return own;
}

// What the first part says of the tree as a whole: the folders in which a source file could appear, and the files that
// say which Python it supports.
std::vector<std::string> rest_of_tree(const SourceTree &tree) {
  std::set<std::string> paths = {tree.root};
  const auto add_folders = [&](const std::string &file) {
    for (std::string at = parent_folder(file); at.size() > tree.root.size(); at = parent_folder(at))
      paths.insert(at);
  };
  for (const CompileUnit &unit : tree.units)
    if (path_below(unit.file, tree.root))
      add_folders(unit.file);
  for (const std::string &file : tree.uncovered)
    add_folders(tree.root + "/" + file);
  for (const char *name : min_python_files)
    if (DiskFileSystem().type(tree.root + name) == FileType::regular)
      paths.insert(tree.root + name);
  return {paths.begin(), paths.end()};
}

// Empty where there are none.
std::string absolute_rules(const AnalysisOptions &options) {
  return options.rules.empty() ? "" : std::filesystem::absolute(options.rules).lexically_normal().string();
}

// The files of --rules: what they teach is part of the facts.
std::vector<std::string> files_of_rules(const AnalysisOptions &options) {
  std::vector<std::string> files;
  if (const std::string folder = absolute_rules(options); !folder.empty())
    if (const auto texts = read_rule_texts(folder, DiskFileSystem()))
      for (const RuleText &text : *texts)
        files.push_back(text.file);
  return files;
}

// The words of a command that reads the same tree from wherever it runs.
std::vector<std::string> command_of(const AnalysisOptions &options, const SourceTree &tree) {
  const SourceOptions &source = options.source;
  std::vector<std::string> words = {std::filesystem::read_symlink("/proc/self/exe").string(), "extract",
                                    std::filesystem::absolute(source.path).lexically_normal().string()};
  const auto add = [&](const char *option, const std::string &value) {
    if (!value.empty())
      words.insert(words.end(), {option, value});
  };
  add("--compile-commands", tree.database);
  add("--rules", absolute_rules(options));
  for (const std::string &glob : source.include)
    add("--include", glob);
  for (const std::string &glob : source.exclude)
    add("--exclude", glob);
  add("--python", source.python);
  for (const Configuration &configuration : source.configurations) {
    std::string flags;
    for (const std::string &flag : configuration.flags)
      flags += (flags.empty() ? "" : " ") + shell_quoted(flag);
    add("--config", configuration.name + "=" + flags);
  }
  if (!source.find_worlds && source.worlds.empty())
    add("--world", "build");
  for (const World &world : source.worlds)
    add("--world", world.name);
  const UnitLimits otherwise;
  if (options.unit_limits.seconds != otherwise.seconds)
    add("--unit-timeout", std::to_string(options.unit_limits.seconds));
  if (options.unit_limits.mebibytes != otherwise.mebibytes)
    add("--unit-memory", std::to_string(options.unit_limits.mebibytes));
  return words;
}

int write_ninja(const ExtractOptions &options, const SourceTree &tree) {
  NinjaScan scan{command_of(options.analysis, tree), {}, options.ninja, tree.database, {}};
  if (!options.analysis.rules.empty())
    scan.merge = {"--rules", absolute_rules(options.analysis)};
  for (const CompileUnit &unit : tree.units)
    scan.units.push_back(unit.id);
  const auto written = write_output(options.ninja, to_ninja(scan));
  return written ? exit_clean : report_error(written.error());
}

// Reads the units without the cache, which does not say what facts rest on; Ninja is the cache here.
void read_with_dependencies(const SourceTree &tree, const AnalysisOptions &options, const Knowledge &knowledge,
                            std::vector<Dependencies> &dependencies, const std::function<void(TuFacts)> &use) {
  const ExtractPlan plan{
      .jobs = options.jobs, .shared_parse = options.shared_parse, .dependencies = true, .limits = options.unit_limits};
  extract_all(tree.units, {tree, &knowledge}, plan, [&](std::size_t, TuFacts facts, Dependencies seen) {
    dependencies.push_back(std::move(seen));
    use(std::move(facts));
  });
}

} // namespace

int run(const ExtractOptions &options) {
  const DiskFileSystem disk;
  Result<SourceTree> tree = load_tree(options.analysis.source, disk);
  if (!tree)
    return report_error(tree.error());
  if (!options.ninja.empty())
    return write_ninja(options, *tree);
  const Result<RuleSet> rules = load_rules(options.analysis.rules, disk);
  if (!rules)
    return report_error(rules.error());
  Part part;
  part.tool_version = tool_version();
  part.tables = rules->tables.hash();
  part.shard = options.shard;
  part.shards = options.shards;
  part.path = options.analysis.source.path;
  part.exclude = options.analysis.source.exclude;
  part.min_python = find_min_python(tree->root, disk);
  part.notes = tree->notes;
  if (options.shard == 1)
    part.uncovered = tree->uncovered;
  std::vector<std::string> further = files_of_rules(options.analysis);
  if (part.shard == 1) {
    const std::vector<std::string> rest = rest_of_tree(*tree);
    further.insert(further.end(), rest.begin(), rest.end());
  }
  tree->units = units_of_shard(tree->units, options);
  tree->others.clear(); // a part has the facts of its own units alone
  const auto use = [&](TuFacts facts) { part.units.push_back(std::move(facts)); };
  TerminalObserver observer(options.analysis);
  std::vector<Dependencies> dependencies;
  const auto read = [&] {
    if (options.depfile.empty())
      read_units(*tree, options.analysis, rules->tables, disk, observer, use);
    else
      read_with_dependencies(*tree, options.analysis, rules->tables, dependencies, use);
  };
  read();
  WorldUnits in_worlds = world_units(options.analysis.source, *tree, part.units, disk);
  for (const auto &[world, headers] : in_worlds.worlds)
    part.worlds[world.name] = headers;
  tree->units = std::move(in_worlds.units);
  if (!tree->units.empty())
    read();
  if (!options.depfile.empty()) {
    const auto written = write_output(options.depfile, to_depfile(options.output, dependencies, further));
    if (!written)
      return report_error(written.error());
  }
  std::sort(part.units.begin(), part.units.end(),
            [](const TuFacts &a, const TuFacts &b) { return a.unit < b.unit; }); // the same bytes in every run
  const auto written = write_output(options.output, to_bytes(part));
  return written ? exit_clean : report_error(written.error());
}

} // namespace ringfence
