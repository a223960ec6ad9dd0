// The head and the foot of the text report: the answer and the modules; counts, and what was not analysed.
#pragma once

#include <string>

#include "report/formats/text_style.h"
#include "report/report.h"

namespace ringfence {

// `project`: what to call it.
std::string summary_text(const Report &report, const std::string &project, const TextStyle &style);
std::string numbers_text(const Report &report, const TextStyle &style, Risk at_least);
std::string incomplete_text(const Report &report, const TextStyle &style);

} // namespace ringfence
