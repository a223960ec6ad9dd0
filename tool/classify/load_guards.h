// Guards against a second load: a module that keeps global state lets one interpreter load it, and tells the others.
#pragma once

#include "classify/context.h"

namespace ringfence {

// The place at which module initialisation tests an object and, where it says so, raises ImportError; null where the
// object is no such guard.
const Access *load_guard_test(const Context &context, Index object);

// Whether a module refuses to be loaded a second time, by one of the objects that it uses or by a library's guard.
bool refuses_second_load(const Context &context, Index module);

// The state of modules that all refuse a second load is of one interpreter at a time: lowers its risk in the worlds of
// several interpreters under one GIL and of repeated initialisation.
void lower_guarded_state(Context &context);

} // namespace ringfence
