// The program in, the report out: one verdict per object, findings of the checks, claims of modules held against their
// code.
#pragma once

#include <string>
#include <vector>

#include "classify/rules/options.h"
#include "classify/rules/rule.h"
#include "link/program.h"
#include "report/report.h"

namespace ringfence {

Report classify(const Program &program, const RuleSet &rules, const ClassifyOptions &options);

} // namespace ringfence
