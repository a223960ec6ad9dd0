// What each module claims about interpreters and the GIL, held against the objects that its code uses.
#pragma once

#include "classify/context.h"

namespace ringfence {

// Fills Context::modules. Verdicts must stand.
void verify_claims(Context &context);

} // namespace ringfence
