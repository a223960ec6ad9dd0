// Whose code an object is: a generator's, a vendored library's, a test's, a header's.
#pragma once

#include <string>

#include "classify/context.h"

namespace ringfence {

// "cython", "argument-clinic", "mypyc", "swig", "f2py", ...; empty for code written by hand.
std::string generator_of(const Context &context, Index object);

// "vendored", "test", "header" (injected by a header from outside the project) or empty.
std::string origin_of(const Context &context, Index object);

} // namespace ringfence
