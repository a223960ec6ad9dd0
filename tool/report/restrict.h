// A part of a report: what concerns some files.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "report/report.h"

namespace ringfence {

// Keeps the units of these files (root-relative), what stands in them, and what has evidence in them: an object of
// another file that one of them writes. Counts anew.
void restrict_to(Report &report, const std::set<std::string> &files);

// Drops what stands in files that one of the globs matches (base/glob.h) and that a unit read all the same, as a file
// that another includes. Counts anew. What was dropped still counts as evidence of what is left.
void leave_out(Report &report, const std::vector<std::string> &globs);

} // namespace ringfence
