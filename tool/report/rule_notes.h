// What the rules of a report say besides their message: for formats that explain them.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ringfence {

struct RuleNote {
  std::string why, example, fix; // example, fix: source text
  std::vector<std::string> references;
};
using RuleNotes = std::map<std::string, RuleNote>; // by code and name, "RF103 cached-import"

} // namespace ringfence
