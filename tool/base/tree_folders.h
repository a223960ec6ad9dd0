// Where a tree lies.
#pragma once

#include <string>

namespace ringfence {

struct TreeFolders {
  std::string root;  // absolute, symlinks resolved
  std::string build; // absolute folder of generated sources; empty where there is none or it lies inside the root
};

} // namespace ringfence
