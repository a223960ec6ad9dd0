// One finding for each cause in code that a generator wrote, instead of one for each variable.
//
// What a generator keeps in globals is the generator's decision, the same in every module it writes, and has one
// remedy: a newer version, an option, another generator. So its findings are collapsed to one per generator and cause
// (the verdict rule, or the check). What the project itself wrote in the generator's language (a cdef variable at
// module level) stays single.
#pragma once

#include <string>
#include <vector>

#include "classify/index/program_index.h"
#include "classify/predicates/standing.h"
#include "classify/rules/rule.h"

namespace ringfence {

// Replaces the findings that generators cause, and marks the objects at risk of which a finding now speaks. Checks
// must have run.
void collapse_generated(const ProgramIndex &index, const RuleSet &rules, const std::vector<Profile> &profiles,
                        const std::string &min_python, Verdicts &verdicts, std::vector<Finding> &findings);

} // namespace ringfence
