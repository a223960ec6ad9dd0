// A comparison as text for people and as JSON for programs.
#pragma once

#include <string>

#include "gate/compare.h"

namespace ringfence {

// {"introduced": [...], "fixed": [...], "preexisting": [...], "moved": [...], "stale": [...], "expired": [...],
// "reasonless": [...]}
std::string comparison_to_json(const Comparison &comparison, const std::vector<Profile> &profiles);

// What is introduced, each with its place, verdict, evidence and advice; then a line for each row
// that needs care. `baseline`: the file's name for the advice, empty where the comparison was with a report.
std::string comparison_to_text(const Comparison &comparison, const std::vector<Profile> &profiles,
                               const std::string &baseline);

} // namespace ringfence
