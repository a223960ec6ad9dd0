// What a function leads to over direct calls, within the program.
#pragma once

#include <functional>

#include "classify/index/program_index.h"

namespace ringfence {

// The first call for which `wanted` holds, among those of `function` and of every function of the program that it calls
// directly or through others; null where there is none. Calls through pointers are not followed.
const Call *find_call_from(const ProgramIndex &index, Index function, const std::function<bool(const Call &)> &wanted);

// Whether a call is of the Python API in a way that needs an attached thread state: raw memory, locks and thread keys
// do not.
bool uses_python(const ProgramIndex &index, const Call &call);

} // namespace ringfence
