// All that a report says of one module, for people who ask for it by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace ringfence {

// The modules of this name, which may be the init function's or the id that reports show. Sources often know the last
// part of it alone: "pkg._speedups" and "_speedups" are the same.
std::vector<const ReportedModule *> modules_named(const Report &report, std::string_view name);

// For each world what the module does there, what it claims, and what stands against that, with its place. `arguments`:
// what another command needs to read the same tree.
std::string explain_module(const Report &report, const ReportedModule &module, const std::string &arguments);

} // namespace ringfence
