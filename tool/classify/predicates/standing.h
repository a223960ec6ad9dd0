// What predicates of checks may look at beside the program index, once it stands.
#pragma once

#include <string>
#include <vector>

#include "classify/index/program_index.h"
#include "report/report.h"

namespace ringfence {

struct Verdicts {
  std::vector<ReportedObject> objects; // parallel to the program's objects
  std::vector<ReportedModule> modules; // parallel to the program's modules: what they claim, and whether it holds
};

// What came of an allowance.
struct AllowanceUse {
  bool used = false;   // it speaks of a verdict or a finding that is there
  std::string unknown; // what is wrong with the rule's name; empty where there is such a rule
};

// Whether the object breaks under the profile that the word names. Objects of generators are left to the
// rules of area 8.
bool at_risk(const ProgramIndex &index, const Verdicts &verdicts, Index object, const std::string &profile, Risk least);

} // namespace ringfence
