// The program in, the report out: one verdict per object, findings of the checks, claims of modules held against their
// code.
#pragma once

#include <string>
#include <vector>

#include "classify/rule.h"
#include "link/program.h"
#include "report/report.h"

namespace ringfence {

struct ClassifyOptions {
  std::vector<Profile> profiles; // of which risks give findings; empty: all
  std::string min_python;        // "3.9": advice names only what exists there; empty: the oldest advice
  unsigned jobs = 1;             // threads that give verdicts and run checks
};

Report classify(const Program &program, const RuleSet &rules, const ClassifyOptions &options);

} // namespace ringfence
