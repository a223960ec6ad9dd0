// Locks that hold at a place by way of its callers, whatever they lock: a critical section of an argument, the mutex of
// a struct that is passed on. Which object they lock is not compared.
#pragma once

#include "classify/index/program_index.h"

namespace ringfence {

bool holds_lock(const std::vector<Guard> &guards);

// Whether each call of a function that Python code can come by holds a lock, stands in such a function itself, or gives
// it for `parameter` (from 1; 0: none) what the caller has just made. False for what Python calls itself.
bool locked_by_callers(const ProgramIndex &index, Index function, std::uint32_t parameter = 0);

bool is_locked(const ProgramIndex &index, const Access &access);
bool is_locked(const ProgramIndex &index, const Call &call);

// The first place where a pointer that was loaded from the object under a lock is used when the lock is released, in code
// that Python can run on a live object; null where there is none.
const LateUse *late_use(const ProgramIndex &index, Index object);

} // namespace ringfence
