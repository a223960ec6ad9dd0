#include "report/claims.h"

namespace ringfence {

std::optional<bool> says(const ReportedModule &module, const std::map<std::string, std::string> &claims,
                         Profile profile) {
  const auto value = [&](const char *topic) {
    const auto found = claims.find(topic);
    return found == claims.end() ? std::string() : found->second;
  };
  const std::string about_interpreters = value(claim_interpreters), about_gil = value(claim_gil);
  const bool single = module.init == InitKind::single_phase;
  switch (profile) {
  case Profile::shared_gil:
    if (about_interpreters.empty())
      return single ? std::optional(false) : std::nullopt;
    return about_interpreters != "not-supported";
  case Profile::own_gil:
    if (about_interpreters.empty())
      return single ? std::optional(false) : std::nullopt;
    return about_interpreters == "per-interpreter-gil";
  case Profile::free_threaded:
    if (about_gil.empty())
      return std::nullopt;
    return about_gil == "not-used";
  case Profile::multi_init:
    // Multi-phase initialisation makes a new module object each time; a single-phase one with state is made anew after
    // finalisation.
    return !single || module.state_size >= 0;
  }
  return std::nullopt;
}

} // namespace ringfence
