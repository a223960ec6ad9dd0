// An audit as text, Markdown and JSON (rules/audit.schema.json).
#pragma once

#include <string>
#include <vector>

#include "audit/audit.h"

namespace ringfence {

// Whether a module fares badly in one of the profiles: gil_on: it is refused or switches the GIL on; at_own_risk:
// anything but that it loads.
bool any_fares(const Audit &audit, const std::vector<Profile> &profiles, Outcome outcome);

// Modules by what blocks most, then by file; text of the files is made harmless.
std::string audit_text(const Audit &audit, const std::vector<Profile> &profiles);
std::string audit_markdown(const Audit &audit, const std::vector<Profile> &profiles);
std::string audit_json(const Audit &audit, const std::vector<Profile> &profiles);

} // namespace ringfence
