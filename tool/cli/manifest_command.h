#pragma once

#include "cli/options.h"

namespace ringfence {

// Returns the exit code.
int run_manifest(const ManifestCommandOptions &options);

} // namespace ringfence
