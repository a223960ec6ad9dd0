// Whose code an object is: a vendored library's, a test's, a header's. Generators: generated_code.h.
#pragma once

#include <string>

#include "classify/context.h"

namespace ringfence {

// "vendored", "test", "header" (injected by a header from outside the project) or empty.
std::string origin_of(const Context &context, Index object);

} // namespace ringfence
