#include "cli/analysis.h"

#include <algorithm>
#include <iostream>
#include <mutex>

#include "base/file_system.h"
#include "base/text.h"
#include "classify/link_knowledge.h"
#include "cli/parallel.h"
#include "cli/progress.h"
#include "cli/unit_reader.h"
#include "link/link.h"
#include "report/restrict.h"
#include "source/changes.h"
#include "source/min_python.h"

namespace ringfence {
namespace {

// Reads units on `jobs` threads; each unit's facts go to the linker as soon as they are there, in no particular order.
Program extract_and_link(const SourceTree &tree, const RuleSet &rules, const AnalysisOptions &options) {
  UnitReader reader({tree.root, tree.build}, options.cache);
  Progress progress(tree.units.size(), options.progress, options.quiet);
  Linker linker(link_knowledge(rules.tables));
  std::mutex linker_mutex;
  for_each_parallel(tree.units.size(), options.jobs, [&](std::size_t i) {
    TuFacts facts = reader.read(tree.units[i]);
    {
      const std::lock_guard lock(linker_mutex);
      linker.add(tree.units[i], std::move(facts));
    }
    progress.done(tree.units[i].id);
  });
  for (const std::string &note : reader.finish())
    if (!options.quiet)
      std::cerr << "ringfence: " << escape_terminal(note) << "\n";
  return std::move(linker).link(tree.uncovered);
}

// Adds the main files of the units that read one of the files.
void add_readers(const Program &program, std::set<std::string> &files) {
  std::vector<std::string> readers;
  for (const UnitSummary &unit : program.units)
    if (std::any_of(unit.files.begin(), unit.files.end(),
                    [&](Index file) { return files.contains(program.files[file].path); }))
      readers.push_back(unit.file);
  files.insert(readers.begin(), readers.end());
}

} // namespace

Result<LinkedTree> link_tree(const AnalysisOptions &options) {
  return load_rules(options.rules, DiskFileSystem()).and_then([&](RuleSet &&rules) {
    return link_tree(options, std::move(rules));
  });
}

Result<LinkedTree> link_tree(const AnalysisOptions &options, RuleSet rules) {
  const DiskFileSystem disk;
  Result<SourceTree> tree = load_tree(options.source, disk);
  if (!tree)
    return tl::unexpected(tree.error());

  LinkedTree linked;
  if (!options.changed_since.empty()) {
    auto changed = changed_files(tree->root, options.changed_since);
    if (!changed)
      return tl::unexpected(changed.error());
    if (!concerns_code(*changed, *tree, disk)) {
      tree->units.clear();
      tree->uncovered.clear();
    }
    linked.touched = std::move(*changed);
  }
  linked.program = extract_and_link(*tree, rules, options);
  linked.classify.profiles = options.profiles;
  linked.classify.min_python = options.min_python.empty() ? find_min_python(tree->root, disk) : options.min_python;
  if (linked.touched)
    add_readers(linked.program, *linked.touched);
  linked.tree = std::move(*tree);
  linked.rules = std::move(rules);
  return linked;
}

Report report_of(const LinkedTree &linked, const AnalysisOptions &options) {
  Report report = classify(linked.program, linked.rules, linked.classify);
  report.tool_version = RINGFENCE_VERSION;
  report.clang_version = clang_version();
  report.root = options.source.path;
  report.notes.insert(report.notes.begin(), linked.tree.notes.begin(), linked.tree.notes.end());
  leave_out(report, options.source.exclude);
  if (linked.touched)
    restrict_to(report, *linked.touched);
  return report;
}

Result<Report> analyse(const AnalysisOptions &options) {
  return link_tree(options).map([&](const LinkedTree &linked) { return report_of(linked, options); });
}

} // namespace ringfence
