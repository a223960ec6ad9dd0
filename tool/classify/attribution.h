// Which functions and objects belong to which module.
#pragma once

#include "classify/context.h"

namespace ringfence {

// Fills Context::functions_of_module, objects_of_module and modules_of_object: what can be reached from a module's init
// function, definition, slots and tables, over calls, addresses of functions, and initialisers of objects that are
// touched.
void attribute_to_modules(Context &context);

} // namespace ringfence
