#pragma once

#include "cli/options.h"

namespace ringfence {

// Writes the facts of a tree's units, or of one shard of them, for `ringfence merge`. Returns the exit code; a unit
// that could not be read is in the facts, and merge says so.
int run_extract(const ExtractOptions &options);

} // namespace ringfence
