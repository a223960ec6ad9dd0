// Locks that are held over calls: a function that is only ever called under a lock holds it too.
#pragma once

#include "link/call_graph.h"
#include "link/program.h"

namespace ringfence {

// Whether a function runs only while the Python runtime starts or ends, where no other thread is in it. False for
// `none`.
bool runs_alone(const Program &program, Index function);

// Adds to the guards of every access and call, outermost first, those that all callers of its function hold, callers
// that run alone left out. Only for functions whose callers are all known: of internal linkage, or hidden in their
// library; a function that is given to a once is called under it. Needs the roles.
void inherit_guards(Program &program, const CallGraph &graph);

} // namespace ringfence
