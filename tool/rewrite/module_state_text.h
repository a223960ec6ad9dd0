// What the file of a module gets when statics move to its module's state.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "extract/spans/function_ways.h"
#include "rewrite/edits.h"
#include "rewrite/state_ways.h"
#include "rewrite/statics.h"

namespace ringfence {

// Names that the text gets.
struct StateNames {
  std::string type;                          // "spam_state", or the state that the module has
  std::string local;                         // "state"
  std::string of_module, of_type, of_either; // functions that find it
  std::string init, traverse, clear, free;
};

StateNames state_names(const ModuleShape &module, const std::string &content);

// Why nothing can move into the module's state; empty where it can.
std::string module_obstacle(const UnitWays &unit, const ModuleShape &module);

std::vector<Edit> module_state_edits(const UnitWays &unit, const StateWays &ways, const FileStatics &file,
                                     const std::string &content);

} // namespace ringfence
