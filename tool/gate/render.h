// A comparison as text for people and as JSON for programs.
#pragma once

#include <string>

#include "gate/compare.h"

namespace ringfence {

// {"introduced": [...], "fixed": [...], "preexisting": [...], "moved": [...], "stale": [...], "unseen": [...],
// "expired": [...], "reasonless": [...], "suppressed": [...], "unused_suppressions": [...]}
std::string comparison_to_json(const Comparison &comparison, const std::vector<Profile> &profiles);

// What is introduced, each with its place, verdict, evidence, advice and what to type to accept it; then a line for
// each row and suppression that needs care. `update`: the command that updates the baseline, "ringfence baseline update
// --baseline FILE PATH"; empty where the comparison was with a report.
std::string comparison_to_text(const Comparison &comparison, const std::vector<Profile> &profiles,
                               const std::string &update);

} // namespace ringfence
