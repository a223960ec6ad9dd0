// The spelling of the report's enumerations, shared by every format, the rule files and the command line.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace ringfence {

inline constexpr std::array<Profile, profile_count> all_profiles = {Profile::shared_gil, Profile::own_gil,
                                                                    Profile::free_threaded, Profile::multi_init};

// The words of an enumeration, by the enumerator's value.
using Words = std::span<const std::string_view>;
Words words_of(Profile);      // "shared-gil", "own-gil", "free-threaded", "multi-init"
Words words_of(Risk);         // "none", "low", "medium", "high"
Words words_of(Level);        // "constant", "process", "interpreter", "module", "thread"
Words words_of(SubjectKind);  // "object", "module", "type", "call", "function", "unit", "allowance", "generator"
Words words_of(Storage);      // "file-static", "external", "function-static", ...
Words words_of(WriteClass);   // "never", "init", "exec", "lazy", "anywhere"
Words words_of(Protection);   // "none", "lock", "atomic", "once", "thread-local"
Words words_of(CodeOrigin);   // "" of the project's own, "vendored", "test", "header"
Words words_of(InitKind);     // "single-phase", "multi-phase", "export-slots", "none"
Words words_of(ClaimVerdict); // "holds", "false", "could-claim-more", "missing", "not-read"
Words words_of(UnitStatus);   // "complete", "partial", "failed"
Words words_of(UnitOrigin);   // "database", "inferred"
Words words_of(Severity);     // "warning", "error", "fatal"

template <class Enum>
concept Named = requires(Enum value) {
  words_of(value);
};

template <Named Enum> std::string_view to_string(Enum value) {
  return words_of(value)[static_cast<std::size_t>(value)];
}

// Nothing for any other spelling.
template <Named Enum> std::optional<Enum> from_word(std::string_view word) {
  const Words words = words_of(Enum{});
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == word)
      return static_cast<Enum>(i);
  return std::nullopt;
}

// All words, for messages and for those who look for the nearest spelling.
template <Named Enum> std::vector<std::string> spellings() {
  const Words words = words_of(Enum{});
  return {words.begin(), words.end()};
}

// "RF103 cached-import" is named by its code or by its name.
bool names_rule(std::string_view word, std::string_view rule);

// The risk under one profile, and the highest over the profiles given (none where there are none).
inline Risk risk_of(const Risks &risks, Profile profile) { return risks[static_cast<std::size_t>(profile)]; }
Risk highest_risk(const Risks &risks, const std::vector<Profile> &profiles);

} // namespace ringfence
