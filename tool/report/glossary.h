// The words of a report that a person may ask for, each with its meaning in plain words.
#pragma once

#include <span>
#include <string_view>

namespace ringfence {

struct Term {
  std::string_view word;    // "own-gil", "could-claim-more", "unclaimed"
  std::string_view meaning; // whole sentences
};

// Worlds, words for modules, verdicts on claims, ways of initialisation.
std::span<const Term> glossary();
// Null where there is no such word.
const Term *find_term(std::string_view word);

} // namespace ringfence
