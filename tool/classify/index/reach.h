// What a function leads to over direct calls, within the program.
#pragma once

#include <functional>

#include "classify/index/program_index.h"

namespace ringfence {

// The first call for which `wanted` holds, among those of `function` and of every function of the program that it calls
// directly or through others; null where there is none. Calls through pointers are not followed.
const Call *find_call_from(const ProgramIndex &index, Index function, const std::function<bool(const Call &)> &wanted);

// The first and the last of the calls in the body of `function` itself for which `wanted` holds; null where there is none.
const Call *first_call(const ProgramIndex &index, Index function, const std::function<bool(const Call &)> &wanted);
const Call *last_call(const ProgramIndex &index, Index function, const std::function<bool(const Call &)> &wanted);

// What is called: the function's name, or the path that its address was loaded from.
std::string_view callee_name(const ProgramIndex &index, const Call &call);

// Whether a call asks for a module or for its state, itself or by a function of the project that returns the answer.
bool gives_module(const ProgramIndex &index, const Call &call);

// Whether a call is of the Python API in a way that needs an attached thread state: raw memory, locks and thread keys
// do not.
bool uses_python(const ProgramIndex &index, const Call &call);

} // namespace ringfence
