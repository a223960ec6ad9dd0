// Check rules: findings on objects, modules, types, calls and functions beside the verdicts.
#pragma once

#include "classify/index/program_index.h"
#include "classify/predicates/standing.h"
#include "classify/rules/options.h"
#include "classify/rules/rule.h"

namespace ringfence {

struct AllowanceUse; // classify/checks/allowances.h

// What a pass of checks looks at. Findings on code count against claims, so those on modules come behind them.
enum class CheckPass { code, modules };

// A finding for each check rule and each subject of its kind for which it holds; rules of allowances are left for later.
std::vector<Finding> run_checks(const ProgramIndex &index, const Verdicts &verdicts, const RuleSet &rules,
                                const ClassifyOptions &options, CheckPass pass);

// The same with the rules of allowances. `uses`: what came of each.
std::vector<Finding> check_allowances(const ProgramIndex &index, const std::vector<AllowanceUse> &uses,
                                      const RuleSet &rules, const std::string &min_python);

} // namespace ringfence
