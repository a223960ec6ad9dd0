// What ringfence says to the shell: docs/report.md, "Exit codes".
#pragma once

namespace ringfence {

enum ExitCode { exit_clean = 0, exit_failed = 1, exit_usage = 2, exit_incomplete = 3 };

} // namespace ringfence
