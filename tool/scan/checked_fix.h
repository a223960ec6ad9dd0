// `const` for what is never written, kept only where every unit still parses with it. Writes nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fix/const_fix.h"
#include "scan/analysis.h"

namespace ringfence {

struct CheckedFix {
  ConstFix fix;                              // what every unit parses with
  std::map<std::string, std::string> before; // contents of the fix's files, by root-relative path
  std::size_t candidates = 0;                // objects that were tried
};

// Parses the tree at least once where there is a candidate.
Result<CheckedFix> check_const_fix(const LinkedTree &linked, const Report &report, unsigned jobs,
                                   const FileSystem &files, ScanObserver &observer);

// Where `const` can be written into each of the report's objects, by id; columns count UTF-16 code units.
std::map<std::string, std::vector<Place>> const_places(const CheckedFix &checked);

} // namespace ringfence
