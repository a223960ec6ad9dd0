#pragma once

#include "cli/options.h"

namespace ringfence {

// Shows, verifies, prunes or clears the cache of facts. Returns the exit code.
int run_cache(const CacheOptions &options);

} // namespace ringfence
