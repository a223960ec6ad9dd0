// The commands that compare: gate, baseline (with its lists) and diff. Each returns the exit code.
#pragma once

#include "cli/options.h"

namespace ringfence {

int run_gate(const GateOptions &options);
int run_baseline(const BaselineOptions &options);
int run_baseline_lists(const BaselineListsOptions &options);
int run_diff(const DiffOptions &options);

} // namespace ringfence
