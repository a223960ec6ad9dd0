// Which units belong to which module.
#pragma once

#include "link/program.h"

namespace ringfence {

// Fills Module::units: the units whose files the module's init function and definition lead to, over every reference
// from file to file, headers included. Files of the interpreter (link/interpreter_files.h) and those with the init
// functions of other modules are not entered.
void assign_units(Program &program);

} // namespace ringfence
