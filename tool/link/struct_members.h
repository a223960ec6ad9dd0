// The members of structs among the objects, so that each can be judged by what is done to it alone.
#pragma once

#include "link/program.h"

namespace ringfence {

// Appends to the program's objects one for each member that code names of a struct, or an array of structs, that is
// changed: Program::struct_of says of which. An access to such a member is one to the new object, too; so is an
// assignment to the whole. No unit declares these objects, so that no inventory lists them.
void add_struct_members(Program &program);

} // namespace ringfence
