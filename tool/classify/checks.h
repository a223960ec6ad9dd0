// Check rules: findings on objects, modules, types, calls and functions beside the verdicts.
#pragma once

#include "classify/classify.h"
#include "classify/context.h"
#include "classify/rule.h"

namespace ringfence {

// Appends a finding for each check rule and each subject of its kind for which it holds; rules of allowances are left
// for later. Verdicts and claims must stand.
void run_checks(const Context &context, const RuleSet &rules, const ClassifyOptions &options,
                std::vector<Finding> &findings);

// The same with the rules of allowances. Context::allowances must stand.
void check_allowances(const Context &context, const RuleSet &rules, const std::string &min_python,
                      std::vector<Finding> &findings);

} // namespace ringfence
