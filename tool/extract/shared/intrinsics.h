// Clang's headers of intrinsics hold thousands of functions, of which nearly every unit that reads them names none. To
// such a unit they are the same headers without these functions, which are most of what the headers cost.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ringfence {

struct IntrinsicsHeader {
  std::string text;               // of the same size; blanks for the functions that nothing else in the headers names
  std::vector<std::string> names; // of these functions
};

using Intrinsics = std::map<std::string, IntrinsicsHeader>; // by path

// Those of the Clang that this program uses.
Intrinsics read_intrinsics();

// `texts`: of all such headers, by path.
Intrinsics blank_unused_intrinsics(const std::map<std::string, std::string> &texts);

} // namespace ringfence
