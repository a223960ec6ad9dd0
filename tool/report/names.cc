#include "report/names.h"

#include <algorithm>

namespace ringfence {
namespace {

// Each by the enumerator's value.
constexpr std::array<std::string_view, profile_count> profile_names = {"shared-gil", "own-gil", "free-threaded",
                                                                       "multi-init"};
constexpr std::array<std::string_view, 4> risk_names = {"none", "low", "medium", "high"};
constexpr std::array<std::string_view, 5> level_names = {"constant", "process", "interpreter", "module", "thread"};

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N> &names, std::string_view name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end())
    return std::nullopt;
  return static_cast<Enum>(at - names.begin());
}

} // namespace

std::string_view to_string(Profile profile) { return profile_names[static_cast<std::size_t>(profile)]; }
std::string_view to_string(Risk risk) { return risk_names[static_cast<std::size_t>(risk)]; }
std::string_view to_string(Level level) { return level_names[static_cast<std::size_t>(level)]; }

std::optional<Profile> profile_from(std::string_view name) { return find<Profile>(profile_names, name); }
std::optional<Risk> risk_from(std::string_view name) { return find<Risk>(risk_names, name); }
std::optional<Level> level_from(std::string_view name) { return find<Level>(level_names, name); }

Risk highest_risk(const Risks &risks, const std::vector<Profile> &profiles) {
  Risk highest = Risk::none;
  for (const Profile profile : profiles)
    highest = std::max(highest, risk_of(risks, profile));
  return highest;
}

bool names_rule(std::string_view word, std::string_view rule) {
  const std::size_t space = rule.find(' ');
  return word == rule.substr(0, space) || (space != std::string_view::npos && word == rule.substr(space + 1));
}

} // namespace ringfence
