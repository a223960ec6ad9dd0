// Lines as a compiler prints them, for editors: "a.c:3:8: warning: message [RF103 cached-import]", then notes.
#pragma once

#include <string>
#include <vector>

#include "base/tree_folders.h"
#include "report/problem.h"

namespace ringfence {

// Where the files of a report lie; all absolute.
struct FilePlaces {
  TreeFolders folders;
  std::string here; // paths below it are written relative to it
};

// A line for each problem, in their order, then one for each piece of its evidence and one for the advice. A high risk
// is an error. Harmless for a terminal.
std::string to_gcc(const std::vector<Problem> &problems, const std::vector<Profile> &profiles,
                   const FilePlaces &places);

} // namespace ringfence
