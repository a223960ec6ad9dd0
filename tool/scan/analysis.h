// The pipeline: source tree → units → facts → program → report.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "classify/classify.h"
#include "link/program.h"
#include "report/report.h"
#include "scan/analysis_options.h"
#include "scan/observer.h"
#include "scan/scan_error.h"
#include "scan/world_units.h"
#include "source/source.h"

namespace ringfence {

// All that a verdict is made of.
struct LinkedTree {
  std::string path;                 // of the tree, as on the command line
  SourceTree tree;                  // without units where the facts were read from files
  std::vector<std::string> exclude; // globs of files whose contents are left out of the report
  RuleSet rules;
  ClassifyOptions classify;
  Settings settings;
  Program program;
  std::vector<WorldProgram> worlds;
  // The files of the tree that the report is about: with --changed-since what the changes touch, where PATH is a file
  // that file; absent: all.
  std::optional<std::set<std::string>> touched;
};

// Reads the tree's units on several threads, from the cache where they are known, and hands their facts over one by one
// in no particular order. Of the tree's other units only what is known; a note is added to the tree where some are not.
void read_units(SourceTree &tree, const AnalysisOptions &options, const Knowledge &knowledge, const FileSystem &files,
                ScanObserver &observer, const std::function<void(TuFacts)> &use);

// A unit that cannot be read is in the program. So is, among the files in no unit, any other file of the tree whose
// reading failed.
ScanResult<LinkedTree> link_tree(const AnalysisOptions &options, const FileSystem &files, ScanObserver &observer);
// The same with rules that are loaded already; those of the options are not read.
ScanResult<LinkedTree> link_tree(const AnalysisOptions &options, RuleSet rules, const FileSystem &files,
                                 ScanObserver &observer);

Report report_of(const LinkedTree &linked);

ScanResult<Report> analyse(const AnalysisOptions &options, const FileSystem &files, ScanObserver &observer);

// Of a scan that is to fail on no risk and to accept no gap.
ExitCode exit_code_of(const ScanResult<Report> &report);

// "0.1.0"
std::string tool_version();

} // namespace ringfence
