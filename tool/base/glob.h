// Globs over root-relative paths, matched by fnmatch(3).
#pragma once

#include <string>
#include <vector>

namespace ringfence {

// `*` and `?` also match "/". A glob matches a path, any folder that the path lies in ("third_party" means all below
// it) and, where it has no "/", the bare name of the file or of any of its folders.
bool glob_matches(const std::string &glob, const std::string &path);

bool any_glob_matches(const std::vector<std::string> &globs, const std::string &path);

} // namespace ringfence
