// `ringfence migrate --prove`: what a migration changes, shown by the project's own build and tests. The proof itself is
// Python's, in runtime/python/ringfence/proof: this program runs nothing of a project.
#pragma once

#include "cli/options.h"

namespace ringfence {

// Becomes the Python program that proves the migration; returns an exit code only where that cannot be started.
int prove(const MigrateOptions &options);

} // namespace ringfence
