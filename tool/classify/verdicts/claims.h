// What each module claims about interpreters and the GIL, held against the objects that its code uses.
#pragma once

#include "classify/index/program_index.h"

namespace ringfence {

// Parallel to the program's modules. `objects`: the verdicts on the program's.
std::vector<ReportedModule> verify_claims(const ProgramIndex &index, const std::vector<ReportedObject> &objects);

// The same modules: takes back that a claim of support holds, and that a denial could claim more, where a finding of high risk is on a
// function, or a call in one, that the module leads to.
std::vector<ReportedModule> refute_claims(const ProgramIndex &index, const std::vector<Finding> &findings,
                                          std::vector<ReportedModule> modules);

} // namespace ringfence
