// One problem in the text report: its lines below the headline.
#pragma once

#include <string>

#include "report/formats/text_style.h"
#include "report/problem.h"
#include "report/source_lines.h"

namespace ringfence {

std::string place_text(const Place &place); // "a.c:12"
// The source, the evidence and what runs saw.
std::string proof_text(const Problem &problem, const TextStyle &style, SourceLines &sources);
// The risks and the advice.
std::string what_to_do_text(const Problem &problem, const Report &report, const TextStyle &style);

} // namespace ringfence
