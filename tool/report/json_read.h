// Reads what json_write.h writes.
#pragma once

#include <string_view>

#include "base/result.h"
#include "report/report.h"

namespace ringfence {

// Refuses other versions, and says which field is missing or of the wrong type. Fields that version 1 does not know are
// ignored.
Result<Report> report_from_json(std::string_view text);

} // namespace ringfence
