// For GitLab.
#pragma once

#include <string>
#include <vector>

#include "report/problem.h"

namespace ringfence {

// GitLab Code Quality report: a JSON array of issues in the Code Climate form.
std::string to_gitlab(const std::vector<Problem> &problems, const std::vector<Profile> &profiles);

} // namespace ringfence
