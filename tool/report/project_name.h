// What to call a scanned project by.
#pragma once

#include <string>

#include "base/path.h"

namespace ringfence {

// The name of its folder: "psycopg2"; with the folder above where the name says nothing: "psycopg2/src". `root`: absolute.
inline std::string project_name(const std::string &root) {
  const std::string name(file_name(root));
  const bool plain = name == "src" || name == "source" || name == "Source" || name == "lib";
  const std::string above(file_name(parent_folder(root)));
  return plain && !above.empty() ? above + "/" + name : name;
}

} // namespace ringfence
