// Runs a program and reads what it prints. Only for programs that the user named or that lie on PATH; never for
// anything of a scanned tree.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace ringfence {

// Standard output of `words` (an absolute program, then its arguments), run in "/" without standard input or error.
// Fails where it cannot be started, ends with anything but 0, prints more than 1 MiB or needs longer than the limit.
Result<std::string> output_of(const std::vector<std::string> &words, std::chrono::milliseconds limit);

// The absolute path of a program: as given if it has a slash, else by the absolute folders of PATH. "" if there is
// none.
std::string find_program(const std::string &name);

} // namespace ringfence
