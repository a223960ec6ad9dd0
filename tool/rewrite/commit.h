// One commit of files that were just written.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ringfence {

// Whether files below the folder can be committed: it is in a git work tree, and nothing is staged. Else why not.
Result<void> check_commit(const std::string &folder);

// Commits the files, by absolute path, on HEAD, as who git's configuration names.
Result<void> commit_files(const std::string &folder, const std::vector<std::string> &files, const std::string &message);

} // namespace ringfence
