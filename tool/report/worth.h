// The problems of a report in the order in which somebody should look at them, with what belongs together as one entry.
//
// A case is a cause with its consequences: a finding whose evidence leads to an object hangs below that object, and the
// findings on one module are one case. An entry is one case, or all cases of a rule that ask for the same thing.
// First come modules whose claims are false, then by risk the project's own code, its modules, and the code of others
// (vendored, tests, headers, generators).
#pragma once

#include <vector>

#include "report/problem.h"

namespace ringfence {

struct Case {
  const Problem *cause;
  std::vector<const Problem *> consequences;
};

struct Entry {
  std::vector<Case> cases; // never empty
};

// Pointers lead into `problems`.
std::vector<Entry> by_worth(const std::vector<Problem> &problems, const Report &report);

} // namespace ringfence
