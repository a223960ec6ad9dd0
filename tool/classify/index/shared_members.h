// Which members threads share: those of Python objects and of a module's state, and what hangs off them or off statics.
#pragma once

#include <vector>

#include "knowledge/knowledge.h"
#include "link/program.h"

namespace ringfence {

// Parallel to the program's objects; false for what is no member.
std::vector<bool> shared_members(const Program &program, const Knowledge &tables);

} // namespace ringfence
