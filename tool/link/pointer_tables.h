// Writes through tables of addresses: `*table[i].slot = value`, where the initialiser of `table` has `&error` at
// `.slot`, writes to `error`. So does a function that does this to its parameter, where `table` is passed to it.
#pragma once

#include "link/program.h"

namespace ringfence {

// Adds, for each write through a pointer in an object, a write to every object whose address the initialiser puts
// there; elements of an array are not told apart. `program.accesses` stays sorted.
void follow_pointer_tables(Program &program);

} // namespace ringfence
