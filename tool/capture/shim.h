// What ringfence is where a captured build calls it in place of a compiler (capture.h).
#pragma once

namespace ringfence {

// Whether this process was started by a captured build in place of a compiler, whatever argv[0] and the environment say.
bool is_shim_invocation();

// Records the command and becomes the real compiler; returns only if that cannot be started (127).
int run_shim(int argc, char **argv);

} // namespace ringfence
