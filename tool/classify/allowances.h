// What comments and attributes in the source allow: "ringfence: allow RULE reason" on a verdict or finding of that
// rule.
//
// An allowance with a reason speaks of the findings of its rule whose place is on its lines, or of the object whose
// attribute it is. Without a reason it allows nothing.
#pragma once

#include <vector>

#include "classify/context.h"
#include "classify/rule.h"

namespace ringfence {

// Marks the objects and findings that are allowed, and fills Context::allowances. All other findings must stand.
void apply_allowances(Context &context, const RuleSet &rules, std::vector<Finding> &findings);

} // namespace ringfence
