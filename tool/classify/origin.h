// Whose code an object is: a vendored library's, a test's, a header's. Generators: generated_code.h.
#pragma once

#include "classify/context.h"

namespace ringfence {

CodeOrigin origin_of(const Context &context, Index object);

} // namespace ringfence
