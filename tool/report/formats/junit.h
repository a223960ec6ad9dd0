// For services that read JUnit's results.
#pragma once

#include <string>
#include <vector>

#include "report/problem.h"

namespace ringfence {

// JUnit XML: a test case for each problem (failed; skipped where the source allows it) and one for each unit (failed
// where it was not analysed in full).
std::string to_junit(const Report &report, const std::vector<Problem> &problems);

} // namespace ringfence
