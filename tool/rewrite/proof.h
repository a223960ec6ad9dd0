// What `ringfence migrate --prove` wrote, as the leave to claim.
#pragma once

#include <string>

#include "base/file_system.h"
#include "base/result.h"

namespace ringfence {

// Whether the report (JSON, as read from `file`) says that nothing got worse, and is about the tree as it stands: every
// file that it names has the digest that it gives. Else why not.
Result<void> check_proof(const std::string &report, const std::string &file, const std::string &root,
                         const FileSystem &files);

} // namespace ringfence
