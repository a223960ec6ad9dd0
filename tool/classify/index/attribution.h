// Which functions and objects belong to which module.
#pragma once

#include <vector>

#include "link/program.h"

namespace ringfence {

// Half-open range of positions in one of the Program's vectors.
struct Range {
  Index first = 0, last = 0;
};

struct Attribution {
  // By module: the functions reachable from its init function, tables and types; the objects that those touch, but
  // copies that nothing in the module's library writes.
  std::vector<std::vector<Index>> functions_of_module, objects_of_module; // each sorted
  std::vector<std::vector<Index>> modules_of_object;
};

// What can be reached from a module's init function, definition, slots and tables, over calls, addresses of functions,
// and initialisers of objects that are touched. By object: the entries of its own initialiser, and its accesses.
Attribution attribute_to_modules(const Program &program, const std::vector<Range> &initialisers_of,
                                 const std::vector<Range> &accesses_of);

} // namespace ringfence
