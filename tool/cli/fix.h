// `scan --fix` and `--fix-dry-run`: `const` for what is never written, kept only where every unit still parses.
#pragma once

#include "cli/analysis.h"

namespace ringfence {

// Writes the files in place, or prints a unified diff where `dry_run`. Returns the exit code.
int run_const_fix(const LinkedTree &linked, const Report &report, const AnalysisOptions &options, bool dry_run);

} // namespace ringfence
