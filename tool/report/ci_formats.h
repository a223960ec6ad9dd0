// Formats that continuous integration services read.
#pragma once

#include <string>
#include <vector>

#include "report/problem.h"

namespace ringfence {

// GitHub Actions workflow commands, one line a problem: "::error file=a.c,line=3,title=RF103 cached-import::message".
std::string to_github(const std::vector<Problem> &problems, const std::vector<Profile> &profiles);

// GitLab Code Quality report: a JSON array of issues in the Code Climate form.
std::string to_gitlab(const std::vector<Problem> &problems, const std::vector<Profile> &profiles);

// JUnit XML: a test case for each problem (failed; skipped where the source allows it) and one for each unit (failed
// where it was not analysed in full).
std::string to_junit(const Report &report, const std::vector<Problem> &problems);

// Markdown: a table of the modules with their claims, then of the problems, worst first, then of those that the source
// allows; cut to what a tracker's issue takes.
std::string to_markdown(const Report &report, const std::vector<Problem> &problems);

} // namespace ringfence
