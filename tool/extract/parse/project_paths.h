// Where project code lies, so that facts name files without absolute paths, and what is known of the names it uses.
#pragma once

#include <string>

#include "knowledge/knowledge.h"

namespace ringfence {

struct ProjectPaths {
  std::string root;  // absolute, symlinks resolved
  std::string build; // absolute folder of generated sources; empty where there is none or it lies inside the root
  const Knowledge *knowledge = nullptr; // must outlive what is read; null: of no name
};

} // namespace ringfence
