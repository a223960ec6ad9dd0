#pragma once

#include "cli/options.h"

namespace ringfence {

// Returns the exit code. Explains the rule of that name where there is one; else scans the tree for the object.
int run_explain(const ExplainOptions &options);

} // namespace ringfence
