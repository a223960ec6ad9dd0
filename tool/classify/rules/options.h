// What a run asks of the rules.
#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace ringfence {

struct ClassifyOptions {
  std::vector<Profile> profiles; // of which risks give findings; empty: all
  std::string min_python;        // "3.9": advice names only what exists there; empty: the oldest advice
  unsigned jobs = 1;             // threads that give verdicts and run checks
};

} // namespace ringfence
