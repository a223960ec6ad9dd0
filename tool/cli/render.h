// What several commands print: formats over a list of problems, notes, and the word that an analysis is incomplete.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "cli/options.h"
#include "report/problem.h"

namespace ringfence {

// For the formats that speak of problems one by one: sarif, github, gitlab, junit, markdown. `suppressed`: what
// the source allows, for formats that can say so. `states` and `const_places`: see report/sarif.h.
std::string render_problems(const Report &report, const std::vector<Problem> &problems,
                            const std::vector<Problem> &suppressed, Format format,
                            const std::map<std::string, std::string> &states,
                            const std::map<std::string, std::vector<Place>> &const_places = {});

// In a job of GitHub Actions, appends the Markdown report to the file that GITHUB_STEP_SUMMARY names: the service shows
// it on the job's page. Elsewhere does nothing.
Result<std::monostate> append_step_summary(const Report &report, const std::vector<Problem> &problems);

// The report's notes, on standard error.
void print_notes(const Report &report, bool quiet);

// Says on standard error what was not analysed, and returns the exit code for it.
int report_incomplete(const Report &report);

} // namespace ringfence
