// Whose code an object is: a vendored library's, a test's, a header's. Generators: generated_code.h.
#pragma once

#include "classify/program_index.h"

namespace ringfence {

CodeOrigin origin_of(const ProgramIndex &index, Index object);

} // namespace ringfence
