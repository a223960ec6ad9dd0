// The inventory as a table: a header, then one row per object.
#pragma once

#include <string>

#include "report/report.h"

namespace ringfence {

// Tabs and other control characters in values are escaped, so that every row has as many fields as the header.
std::string to_tsv(const Report &report);

// Comma-separated values as RFC 4180 says. A spreadsheet takes a value that begins with = + - @ for a formula: such a
// value, which only the scanned tree can have brought, comes with an apostrophe before it.
std::string to_csv(const Report &report);

} // namespace ringfence
