#pragma once

#include "cli/options.h"

namespace ringfence {

// Returns the exit code. Loads the built-in rules and those of the folder, and prints the table of all rules, or of the
// predicates that rules are written with. A rule that does not load is a configuration error.
int run_rules(const RulesOptions &options);

} // namespace ringfence
