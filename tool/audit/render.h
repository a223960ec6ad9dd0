// An audit as text, Markdown and JSON (rules/audit.schema.json).
#pragma once

#include <string>
#include <vector>

#include "audit/audit.h"

namespace ringfence {

// Whether a module is kept from a profile: refused, or at the price of the GIL.
bool is_blocked(const BinaryModule &module, const std::vector<Profile> &profiles);

// Modules by what blocks most, then by file; text of the files is made harmless.
std::string audit_text(const Audit &audit, const std::vector<Profile> &profiles);
std::string audit_markdown(const Audit &audit, const std::vector<Profile> &profiles);
std::string audit_json(const Audit &audit, const std::vector<Profile> &profiles);

} // namespace ringfence
