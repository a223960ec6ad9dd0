// What is new since a baseline or another report, what is gone, and what has only moved.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gate/baseline.h"
#include "report/problem.h"

namespace ringfence {

// Rows that accept the entries as they are, as debt unless told otherwise.
Baseline baseline_of(const std::vector<Problem> &entries, Section section, const std::string &reason);

struct MovedProblem {
  BaselineRow from;
  Problem to;
};

struct Comparison {
  std::vector<Problem> introduced;
  std::vector<Problem> preexisting;
  std::vector<Problem> suppressed; // the source allows them: neither introduced nor preexisting
  std::vector<Problem> unused_suppressions;
  std::vector<MovedProblem> moved;     // a file, function or variable was renamed: exactly one match each way
  std::vector<BaselineRow> fixed;      // debt that is gone
  std::vector<BaselineRow> stale;      // accepted rows that nothing matches any more
  std::vector<BaselineRow> unseen;     // rows for code that was not compiled here: another platform, no unit
  std::vector<BaselineRow> expired;    // rows past their last day: their entries count as introduced
  std::vector<BaselineRow> reasonless; // rows in force that give no reason
};

// `today` as "2026-11-22". A row that names a profile counts only where it is among the profiles, and accepts an entry
// only if no other profile puts it at `min_risk`.
struct CompareOptions {
  std::vector<Profile> profiles;
  Risk min_risk = Risk::medium;
  std::string today;
  bool variables_only = false; // verdicts on variables alone, no findings of checks
  // Of a part of a tree: rows of other files are neither fixed nor stale.
  std::optional<std::set<std::string>> files = {};
};

Comparison compare(const Report &report, const Baseline &baseline, const CompareOptions &options);

// The rows that remain when fixed, stale and expired ones go and moved ones follow their subjects.
Baseline pruned(const Baseline &baseline, const Comparison &comparison);

} // namespace ringfence
