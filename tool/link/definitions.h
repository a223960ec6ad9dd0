// A function with external linkage that several source files define is one for each program that the tree holds.
#pragma once

#include <vector>

#include "facts/facts.h"

namespace ringfence {

// Gives such functions ids that tell them apart: psutil's tree has a `PyInit__psutil` for each of six systems. A unit
// that calls one means the definition that reads the header where the unit has seen it declared, and is nearest in the tree
// to that header and to the unit. Where that may be several, they stay one. `all`: the units of all worlds.
void tell_definitions_apart(const std::vector<TuFacts *> &all);

} // namespace ringfence
