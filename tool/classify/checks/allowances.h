// What comments and attributes in the source allow: "ringfence: allow RULE reason" on a verdict or finding of that
// rule.
//
// An allowance with a reason speaks of the findings of its rule whose place is on its lines, or of the object whose
// attribute it is. Without a reason it allows nothing.
#pragma once

#include <vector>

#include "classify/index/program_index.h"
#include "classify/predicates/standing.h"
#include "classify/rules/rule.h"

namespace ringfence {

// Marks the objects and findings that are allowed; parallel to the program's allowances. All other findings must stand.
std::vector<AllowanceUse> apply_allowances(const ProgramIndex &index, const RuleSet &rules,
                                           std::vector<ReportedObject> &objects, std::vector<Finding> &findings);

} // namespace ringfence
