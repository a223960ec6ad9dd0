#include "base/glob.h"

#include <algorithm>

#include <fnmatch.h>

namespace ringfence {

bool glob_matches(const std::string &glob, const std::string &path) {
  std::string pattern = glob;
  while (pattern.size() > 1 && pattern.back() == '/')
    pattern.pop_back();
  const bool bare = pattern.find('/') == std::string::npos;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (fnmatch(pattern.c_str(), path.substr(0, end).c_str(), 0) == 0)
      return true;
    if (bare && fnmatch(pattern.c_str(), path.substr(begin, end - begin).c_str(), 0) == 0)
      return true;
    if (end == path.size())
      return false;
    begin = end + 1;
  }
}

bool any_glob_matches(const std::vector<std::string> &globs, const std::string &path) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string &glob) { return glob_matches(glob, path); });
}

} // namespace ringfence
