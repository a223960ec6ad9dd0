// What several commands print besides their result: notes, and the word that an analysis is incomplete.
#pragma once

#include <vector>

#include "base/result.h"
#include "cli/options.h"
#include "report/problem.h"

namespace ringfence {

// In a job of GitHub Actions, appends the Markdown report to the file that GITHUB_STEP_SUMMARY names: the service shows
// it on the job's page. Elsewhere does nothing.
Result<void> append_step_summary(const Report &report, const std::vector<Problem> &problems);

// The report's notes, on standard error.
void print_notes(const Report &report, bool quiet);

// Says on standard error what was not analysed, and returns the exit code for it.
int report_incomplete(const Report &report);

} // namespace ringfence
