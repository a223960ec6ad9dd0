// `scan --fix` and `--fix-dry-run`: writes what scan/checked_fix.h found, or prints it.
#pragma once

#include "cli/options.h"
#include "scan/analysis.h"

namespace ringfence {

// Writes the files in place, or prints a unified diff where `dry_run`. Returns the exit code.
int run_const_fix(const LinkedTree &linked, const Report &report, const TreeOptions &options, bool dry_run);

} // namespace ringfence
