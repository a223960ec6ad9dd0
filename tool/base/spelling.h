// The nearest spelling of a mistyped name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ringfence {

// Levenshtein distance: the least number of characters to insert, delete or replace.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate with the least edit distance, the first of several; empty where there is no candidate.
std::string nearest_spelling(std::string_view name, const std::vector<std::string> &candidates);

// The same, but empty where even that one is too far off to be meant: more than a third of the name, and of a short one
// more than two letters, is different.
std::string near_spelling(std::string_view name, const std::vector<std::string> &candidates);

// The candidates that begin or end with the name where one of their words does: "scanner_traverse" of "traverse",
// "cache_size" of "cache", "m.c:scanner_traverse" of "m.c:traverse". None of a name of fewer than three letters.
std::vector<std::string> longer_names(std::string_view name, const std::vector<std::string> &candidates);

} // namespace ringfence
