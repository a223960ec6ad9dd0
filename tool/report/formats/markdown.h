// For a tracker's issue or a merge request.
#pragma once

#include <string>
#include <vector>

#include "report/problem.h"

namespace ringfence {

// Markdown: a table of the modules with their claims, then of the problems, worst first, then of those that the source
// allows; cut to what a tracker's issue takes.
std::string to_markdown(const Report &report, const std::vector<Problem> &problems);

} // namespace ringfence
