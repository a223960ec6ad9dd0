// What the kinds of guards mean.
#pragma once

#include "facts/facts.h"

namespace ringfence {

// True for what keeps every other thread out while it is held. The GIL does not, nor does a test for the main
// interpreter; a once is over when it is left.
bool is_lock(Guard::Kind kind);

inline bool is_once(const Guard &guard) { return guard.kind == Guard::Kind::once; }

// True where a guard protects one thing from every thread: a lock or once of the process. A lock or critical section of
// some Python object does not.
bool protects(const Guard &guard);

} // namespace ringfence
