// Whose code an object is: a vendored library's, a test's, a header's. Generators: generator.h.
#pragma once

#include "classify/index/program_index.h"

namespace ringfence {

CodeOrigin origin_of(const ProgramIndex &index, Index object);

} // namespace ringfence
