// Where `const` can be written into the declarations of objects that are not const.
//
// Before the name where the object is a pointer ("char *const p", "int (*const f)(void)"), else before the type
// specifier. Limits: not in code that a macro makes; not where one specifier serves several declarators; not for an
// object of C++ with external linkage, whose linkage `const` would change ([basic.link] 3.2).
#pragma once

#include "extract/declarations/registry.h"

namespace ringfence {

// For the objects that stand in the registry. Precondition: read_objects has run.
void read_const_points(Registry &registry);

} // namespace ringfence
