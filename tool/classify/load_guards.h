// Guards against a second load: a module that keeps global state lets one interpreter load it, and tells the others.
#pragma once

#include "classify/program_index.h"

namespace ringfence {

// The place at which module initialisation tests an object and, where it says so, raises ImportError; null where the
// object is no such guard.
const Access *load_guard_test(const ProgramIndex &index, Index object);

// Whether a module refuses to be loaded a second time, by one of the objects that it uses or by a library's guard.
bool refuses_second_load(const ProgramIndex &index, Index module);

// Whether an object is a guard that is set too early: an init function or exec slot raises the exception where it is
// set, and sets it before it does what can still fail, without taking it back.
bool set_before_failure(const ProgramIndex &index, Index object, const std::string &exception,
                        std::vector<Evidence> &evidence);

// The state of modules that all refuse a second load is of one interpreter at a time: lowers its risk in the worlds of
// several interpreters under one GIL and of repeated initialisation.
void lower_guarded_state(const ProgramIndex &index, std::vector<ReportedObject> &objects);

} // namespace ringfence
