// What keeps a module's silence, or its denial, from being judged: parts of its code that no parse has read.
#pragma once

#include <string>

#include "classify/index/program_index.h"

namespace ringfence {

// "src/m.c:12: use of undeclared identifier 'X'"; empty where all that can decide about this slot was read.
// `slot`: "Py_mod_gil"; empty for what no slot says.
std::string not_read(const ProgramIndex &index, const Module &module, const std::string &slot);

// "src/m.c:12: ...", of a module whose definition is known and whose init function was read, but not how it makes the
// module; empty for others.
std::string init_not_read(const ProgramIndex &index, const Module &module);

} // namespace ringfence
