#pragma once

#include "cli/options.h"

namespace ringfence {

// `ringfence migrate`: moves statics to per-interpreter state. Returns the exit code.
int run_migrate(const MigrateOptions &options);

} // namespace ringfence
