// What git says has changed in a tree. The library reads the repository; no program is run for it, so that neither
// hooks, filters nor monitors that a scanned repository configures are executed.
#pragma once

#include <set>
#include <string>

#include "base/file_system.h"
#include "base/result.h"
#include "source/source.h"

namespace ringfence {

// The files below `root` that differ between the working tree and `revision`, root-relative: changed, added, deleted,
// untracked (but not ignored); of a renamed file both names. Where `revision` and HEAD have a common ancestor, what
// differs from that: what main gained since a branch left it is no change of the branch. Of a submodule what differs
// from the commit that `revision` has of it; all its files where that cannot be told.
// Fails where `root` lies in no repository, and where git knows no such revision.
Result<std::set<std::string>> changed_files(const std::string &root, const std::string &revision);

// Those of the files (root-relative) that git ignores: how they differ from any revision cannot be told.
std::set<std::string> ignored_files(const std::string &root, const std::set<std::string> &paths);

// False where no unit can read any of the files: by what units compile, by how files that hold code are called, and by
// every #include line of the tree.
bool concerns_code(const std::set<std::string> &changed, const SourceTree &tree, const FileSystem &files);

} // namespace ringfence
