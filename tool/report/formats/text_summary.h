// The head and the foot of the text report: counts, and what was not analysed.
#pragma once

#include <string>

#include "report/formats/text_style.h"
#include "report/report.h"

namespace ringfence {

std::string summary_text(const Report &report, const TextStyle &style, Risk at_least);
std::string incomplete_text(const Report &report, const TextStyle &style);

} // namespace ringfence
