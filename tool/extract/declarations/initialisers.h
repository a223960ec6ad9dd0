// What the initialisers of objects lead to: functions and objects whose address they take, and the integers and strings
// of Python's own tables. Read from the list that Clang completes from the written one, so that designators and omitted
// braces need no care here.
#pragma once

#include "extract/declarations/registry.h"

namespace ringfence {

// Of the objects that stand in the registry. Precondition: read_objects has run.
void read_initialisers(Registry &registry);

} // namespace ringfence
