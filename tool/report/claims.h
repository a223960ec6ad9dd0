// What a module says of the worlds in which it works.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "report/report.h"

namespace ringfence {

// The topics of a module's claims, and their values in the order of moduleobject.h's numbers.
inline constexpr const char *claim_interpreters = "multiple-interpreters", *claim_gil = "gil";

// Whether a module with these claims says that it works in the world of a profile; nothing where it says neither.
std::optional<bool> says(const ReportedModule &module, const std::map<std::string, std::string> &claims,
                         Profile profile);

} // namespace ringfence
