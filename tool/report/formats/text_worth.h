// The problems of the text report by worth (report/worth.h): one paragraph for each entry.
#pragma once

#include <string>
#include <vector>

#include "report/formats/text.h"
#include "report/problem.h"
#include "report/source_lines.h"

namespace ringfence {

std::string worth_text(const std::vector<Problem> &problems, const Report &report, const TextOptions &options,
                       SourceLines &sources);
std::string next_text(const Report &report, const TextOptions &options);

} // namespace ringfence
