// What each module claims about interpreters and the GIL, held against the objects that its code uses.
#pragma once

#include "classify/context.h"

namespace ringfence {

// Fills Context::modules. Verdicts must stand.
void verify_claims(Context &context);

// Takes back that a claim of support holds, and that a denial could claim more, where a finding of high risk is on a
// function, or a call in one, that the module leads to.
void refute_claims(Context &context, const std::vector<Finding> &findings);

} // namespace ringfence
