// Guards against a second load: a module that keeps global state lets one interpreter load it, and tells the others.
#pragma once

#include "classify/index/program_index.h"

namespace ringfence {

// The place at which module initialisation tests an object and, where it says so, raises ImportError; null where the
// object is no such guard.
const Access *load_guard_test(const ProgramIndex &index, Index object);

// What a module refuses: nothing, a second interpreter, or a second load in the process. The order is that of strength.
enum class LoadGuard { none, interpreter, process };

// By one of the objects that the module uses, or by a library's guard.
LoadGuard guard_of(const ProgramIndex &index, Index module);

// Whether it refuses anything.
bool refuses_second_load(const ProgramIndex &index, Index module);

// The flag behind which exec does nothing, where nothing else gives the module anything: later ones stay empty. None: no
// object is such a flag.
Index emptying_flag(const ProgramIndex &index, Index module);

// Whether an object is a guard that is set too early: an init function or exec slot raises the exception where it is
// set, and sets it before it does what can still fail, without taking it back.
bool set_before_failure(const ProgramIndex &index, Index object, const std::string &exception,
                        std::vector<Evidence> &evidence);

} // namespace ringfence
