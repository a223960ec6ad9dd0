// Paths as build files spell them.
#pragma once

#include <string>

namespace ringfence {

// "{here}/src/./a.c", "%s/src/a.c", "${HERE}/src/a.c": "src/a.c", and that something is filled in.
struct SpelledPath {
  std::string path;
  bool filled = false;

  explicit SpelledPath(std::string text);
};

// Whether the path has that end, in whole names.
bool ends_with_path(const std::string &path, const std::string &end);

// Whether a pattern as it is spelled takes a file. Of one that may be below another folder, as many names count as it has.
bool pattern_takes(const std::string &spelled, const std::string &file);

} // namespace ringfence
