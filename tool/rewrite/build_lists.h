// The runtime library in a tree's build files.
#pragma once

#include <optional>
#include <string>

#include "rewrite/edited_files.h"
#include "rewrite/plan.h"

namespace ringfence {

// Lists `runtime` where a build file lists `source`, in all folders from the source's up to the root; all paths are absolute,
// and `edited` is the tree's state. What is left for hands, else nullopt.
std::optional<ToBuild> list_runtime(const std::string &source, const std::string &runtime, const std::string &root,
                                    const FileSystem &disk, EditedFiles &edited);

} // namespace ringfence
