// Weighs the places where an object's address leaves: what the tables know of the function it is given to decides.
#pragma once

#include <string>

#include "classify/index/program_index.h"

namespace ringfence {

// The first place at which the address goes where a write cannot be excluded; null where there is none.
const Access *first_escape(const ProgramIndex &index, Index object);

// "passed to foo, which may write to it".
std::string describe_escape(const ProgramIndex &index, const Access &access);

} // namespace ringfence
