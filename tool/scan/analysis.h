// The pipeline: source tree → units → facts → program → report.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "classify/classify.h"
#include "cli/options.h"
#include "link/program.h"
#include "report/report.h"
#include "source/source.h"

namespace ringfence {

// All that a verdict is made of.
struct LinkedTree {
  std::string path;                 // of the tree, as on the command line
  SourceTree tree;                  // without units where the facts were read from files
  std::vector<std::string> exclude; // globs of files whose contents are left out of the report
  RuleSet rules;
  ClassifyOptions classify;
  Program program;
  // The files of the tree that the report is about: with --changed-since what the changes touch, where PATH is a file
  // that file; absent: all.
  std::optional<std::set<std::string>> touched;
};

// Reads the tree's units on several threads, from the cache where they are known, and hands their facts over one by one
// in no particular order, with progress on standard error. Of the tree's other units only what is known; a note is
// added to the tree where some are not.
void read_units(SourceTree &tree, const AnalysisOptions &options, const std::function<void(TuFacts)> &use);

// Fails where nothing can be analysed (no such path, a broken database, invalid rules); a unit that cannot be read is
// in the program instead.
Result<LinkedTree> link_tree(const AnalysisOptions &options);
// The same with rules that are loaded already; those of the options are not read.
Result<LinkedTree> link_tree(const AnalysisOptions &options, RuleSet rules);

Report report_of(const LinkedTree &linked);

Result<Report> analyse(const AnalysisOptions &options);

} // namespace ringfence
