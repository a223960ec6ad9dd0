// The JSON report, version 1 (docs/report.md): one entry of a list per line, so that two
// reports can be compared line by line. Bytes that are not UTF-8 become U+FFFD.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "report/report.h"

namespace ringfence {

std::string to_json(const Report &report);

// Refuses other versions, and says which field is missing or of the wrong type. Fields that version 1 does not know are
// ignored.
Result<Report> report_from_json(std::string_view text);

} // namespace ringfence
