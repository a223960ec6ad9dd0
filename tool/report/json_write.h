// The JSON report, version 1 (docs/report.md): one entry of a list per line, so that two reports can be compared line by
// line. Bytes that are not UTF-8 become U+FFFD.
#pragma once

#include <string>

#include "report/report.h"

namespace ringfence {

std::string to_json(const Report &report);

} // namespace ringfence
