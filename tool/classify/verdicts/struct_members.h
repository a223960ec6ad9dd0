// One entry for a struct, judged by its members.
#pragma once

#include "classify/index/program_index.h"

namespace ringfence {

// Gives each struct of the inventory the verdicts of its members, the worst first, and takes the risk of the worst in
// each profile. What is done to the struct as a whole keeps counting: its own verdict stands where that is no better.
// `objects`: parallel to the program's, with verdicts.
void join_struct_members(const ProgramIndex &index, std::vector<ReportedObject> &objects);

} // namespace ringfence
