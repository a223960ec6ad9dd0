// The Python modules of the program, read from initialisers, init functions and the calls they make.
#pragma once

#include "knowledge/knowledge.h"
#include "link/program.h"

namespace ringfence {

// Sorted as Program asks for. `Module::units` is left empty (link/module_units.h).
std::vector<Module> find_modules(const Program &program, const Knowledge &api);

// The slots of an array of PyModuleDef_Slot, PyType_Slot or PySlot, in the order of the array, nested arrays included.
std::vector<Slot> read_slots(const Program &program, Index array);

} // namespace ringfence
