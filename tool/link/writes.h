// When each object is written, over the whole program.
#pragma once

#include "knowledge/knowledge.h"
#include "link/parameter_effects.h"
#include "link/program.h"

namespace ringfence {

// Parallel to program.objects; needs program.roles.
//
// - An access through "->" touches what a pointer leads to, not the object's own bytes, and does not count.
// - A write in code that runs when the library is loaded, or from nothing but module init, is `init`; from nothing but
//   exec slots and clean-up, `exec`: once for each interpreter. What nothing reaches counts as `anywhere`.
// - A write is `lazy` where its condition reads the object, or a flag that the same function sets under a test of
//   itself, or where it runs under a once; but not where it stores a parameter, which is a setting.
// - An address that is passed, stored or returned is an escape unless the object is const or the callee is known only
//   to read; a callee known to write is a write. Tables of Python's API may point to it: CPython owns their mutability.
// - An object is guarded where one lock is held at every write that is neither atomic nor at load time, nor where the
// runtime starts or ends; writes under a once may come before.
std::vector<WriteSummary> summarise_writes(const Program &program, const Knowledge &api,
                                           const WatchedParameters &parameters);

} // namespace ringfence
