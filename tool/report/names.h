// The spelling of the report's enumerations, shared by every format, the rule files and the command line.
#pragma once

#include <optional>
#include <string_view>

#include "report/report.h"

namespace ringfence {

inline constexpr std::array<Profile, profile_count> all_profiles = {Profile::shared_gil, Profile::own_gil,
                                                                    Profile::free_threaded, Profile::multi_init};

std::string_view to_string(Profile profile); // "shared-gil", "own-gil", "free-threaded", "multi-init"
std::string_view to_string(Risk risk);       // "none", "low", "medium", "high"
std::string_view to_string(Level level);     // "constant", "process", "interpreter", "module", "thread"

// Nothing for any other spelling.
std::optional<Profile> profile_from(std::string_view name);
std::optional<Risk> risk_from(std::string_view name);
std::optional<Level> level_from(std::string_view name);

// "RF103 cached-import" is named by its code or by its name.
bool names_rule(std::string_view word, std::string_view rule);

// The risk under one profile, and the highest over the profiles given (none where there are none).
inline Risk risk_of(const Risks &risks, Profile profile) { return risks[static_cast<std::size_t>(profile)]; }
Risk highest_risk(const Risks &risks, const std::vector<Profile> &profiles);

} // namespace ringfence
