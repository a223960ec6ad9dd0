// For GitHub Actions.
#pragma once

#include <string>
#include <vector>

#include "report/problem.h"

namespace ringfence {

// GitHub Actions workflow commands, one line a problem: "::error file=a.c,line=3,title=RF103 cached-import::message".
std::string to_github(const std::vector<Problem> &problems, const std::vector<Profile> &profiles);

} // namespace ringfence
