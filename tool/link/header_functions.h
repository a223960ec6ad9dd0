// A function with internal linkage in a header is one for each unit, though its id is the same.
#pragma once

#include <string>
#include <unordered_map>

#include "facts/facts.h"

namespace ringfence {

// Gives such functions that lead to objects an id that tells apart what macros make different objects of: NumPy's
// `_import_array` binds `PyArray_API` in one library and another name in the next. Where they lead to the same objects,
// they stay one.
void tell_apart(TuFacts &facts);

// Where facts name functions by their id, the new ids in place of the old.
void rename_callees(TuFacts &facts, const std::unordered_map<std::string, std::string> &renamed);

} // namespace ringfence
