// Pairs of functions that are named as the begin and the end of something, but not of a lock: enter and leave, begin and
// end. How one handle is used shows whether they are one: two functions at least begin and end with it, and nothing is
// done with it between.
#pragma once

#include <string>

#include <llvm/ADT/StringRef.h>

#include "facts/facts.h"

namespace ringfence {

// Takes away what is no lock of what was inferred to be one, when all of a unit is read.
void drop_unproven_locks(TuFacts &facts);

// Of a name or type, and for the name of what begins, that of what ends: extract/bodies/lock_inference.cc.
bool speaks_of_lock(llvm::StringRef text);
std::string name_of_end(llvm::StringRef begin);

} // namespace ringfence
