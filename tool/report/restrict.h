// A part of a report: what concerns some files.
#pragma once

#include <set>
#include <string>

#include "report/report.h"

namespace ringfence {

// Keeps the units of these files (root-relative), what stands in them, and what has evidence in them: an object of
// another file that one of them writes. Counts anew.
void restrict_to(Report &report, const std::set<std::string> &files);

} // namespace ringfence
