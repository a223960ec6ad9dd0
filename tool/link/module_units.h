// Which units belong to which module.
#pragma once

#include "link/program.h"

namespace ringfence {

// Fills Module::units: the units whose files the module's init function and definition lead to, over every reference
// from file to file, headers included. Where the tree holds a program with a main function, what belongs to that
// program belongs to no module, except the unit with the module's own init function.
void assign_units(Program &program);

} // namespace ringfence
