// Writes an output as a whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ringfence {

// `path` is a regular file below the folder, or one that can be made there, and no link on the way leads out: what may be
// edited of a tree. Both absolute; of the folder every link is resolved.
Result<void> check_editable(const std::string &path, const std::string &folder);

// A regular file is replaced in one step by a finished one beside it, so that nobody ever sees half of it and a failure
// leaves the old one; symlinks are followed. Anything else that exists (a pipe, a device) is written as it is.
Result<void> write_file(const std::string &path, std::string_view content);

} // namespace ringfence
