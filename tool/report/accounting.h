// The sums of a report: counted in one place, checked wherever a report is read.
#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace ringfence {

// Counts the report's units, objects and findings.
Accounting account(const Report &report, std::vector<std::string> uncovered);

// One sentence for each sum of `report.accounting` that does not agree with the report or with its total; empty where
// all do.
std::vector<std::string> reconcile(const Report &report);

} // namespace ringfence
