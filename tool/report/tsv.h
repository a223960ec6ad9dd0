// The inventory as tab-separated values: a header, then one row per object.
#pragma once

#include <string>

#include "report/report.h"

namespace ringfence {

// Tabs and other control characters in values are escaped, so that every row has as many fields as the header.
std::string to_tsv(const Report &report);

} // namespace ringfence
