// The modules of the text report: one word for each world, then what they claim.
#pragma once

#include <string>

#include "report/formats/text_style.h"
#include "report/report.h"

namespace ringfence {

std::string modules_text(const Report &report, const TextStyle &style);

} // namespace ringfence
