// On which ways code that uses a variable would get at module state instead: as Python, or a library, calls it.
#pragma once

#include <string_view>
#include <vector>

#include "classify/index/program_index.h"

namespace ringfence {

class StateWays {
public:
  explicit StateWays(const ProgramIndex &index);

  // Of the functions that use the object: "module-functions", "methods", "slots", "callbacks"; "others" where it is none of these.
  std::vector<std::string_view> of(Index object) const;

private:
  void add_table(Index table, unsigned char way);

  const ProgramIndex &index_;
  std::vector<unsigned char> entered_; // by function: how Python code comes in by it; a set of ways
};

} // namespace ringfence
