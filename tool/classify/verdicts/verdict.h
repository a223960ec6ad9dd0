// One verdict for each object: the first verdict rule whose condition holds, its risks moved by what the evidence says.
#pragma once

#include "classify/index/program_index.h"
#include "classify/rules/options.h"
#include "classify/rules/rule.h"

namespace ringfence {

// Parallel to the program's objects. Members are declared and get no verdict: findings speak of them.
std::vector<ReportedObject> give_verdicts(const ProgramIndex &index, const RuleSet &rules,
                                          const ClassifyOptions &options);

// Stays the same when code moves: hash of rule, path, scope, name and kind.
std::string object_fingerprint(std::string_view rule_code, const Subject &subject, const std::string &kind);

} // namespace ringfence
