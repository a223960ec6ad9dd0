// Check rules: findings on objects, modules, types, calls and functions beside the verdicts.
#pragma once

#include "classify/classify.h"
#include "classify/context.h"
#include "classify/rule.h"

namespace ringfence {

// What a pass of checks looks at. Findings on code count against claims, so those on modules come behind them.
enum class CheckPass { code, modules };

// Appends a finding for each check rule and each subject of its kind for which it holds; rules of allowances are left
// for later. Verdicts must stand; for modules, claims as well.
void run_checks(const Context &context, const RuleSet &rules, const ClassifyOptions &options, CheckPass pass,
                std::vector<Finding> &findings);

// The same with the rules of allowances. Context::allowances must stand.
void check_allowances(const Context &context, const RuleSet &rules, const std::string &min_python,
                      std::vector<Finding> &findings);

} // namespace ringfence
