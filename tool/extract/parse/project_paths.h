// Where project code lies, so that facts name files without absolute paths, and what is known of the names it uses.
#pragma once

#include "base/tree_folders.h"
#include "knowledge/knowledge.h"

namespace ringfence {

struct ProjectPaths : TreeFolders {
  const Knowledge *knowledge = nullptr; // must outlive what is read; null: of no name
};

} // namespace ringfence
