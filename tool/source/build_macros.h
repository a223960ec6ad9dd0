// What a tree's build files say of macros and of the C++ standard, read as text: nothing is run, and what is computed is
// not seen.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace ringfence {

struct BuildMacros {
  std::map<std::string, std::string> defined; // in a plain form and under no condition: name to value, "1" where none
  std::set<std::string> possible;             // others that a build may define, as HAVE_SASL
  int cxx_standard = 0;                       // the newest that is asked for, as 20; 0 where none is
};

// `builds`: TreeFiles::builds. Macros of other systems than Linux are left out.
BuildMacros find_build_macros(const std::string &root, const std::vector<std::string> &builds, const FileSystem &files);

} // namespace ringfence
