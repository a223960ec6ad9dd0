// The parts of an object's id, "path:function():name" (docs/report.md).
#pragma once

#include <string>

namespace ringfence {

struct SubjectParts {
  std::string path, function, name; // function: empty at file scope; path: empty where the id is no object's
};

// A path may hold colons, but its last component none.
SubjectParts subject_parts(const std::string &id);

} // namespace ringfence
