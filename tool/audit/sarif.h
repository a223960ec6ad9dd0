// An audit as SARIF 2.1.0: a result for each module and profile that does not simply load.
#pragma once

#include <string>
#include <vector>

#include "audit/audit.h"

namespace ringfence {

std::string audit_sarif(const Audit &audit, const std::vector<Profile> &profiles, std::string_view tool_version);

} // namespace ringfence
