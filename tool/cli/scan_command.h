#pragma once

#include "cli/options.h"

namespace ringfence {

// Returns the exit code.
int run_scan(const ScanOptions &options);

} // namespace ringfence
