#pragma once

#include "cli/options.h"

namespace ringfence {

// `ringfence audit`: what installed modules are and claim. Returns the exit code.
int run_audit(const AuditOptions &options);

} // namespace ringfence
