// What stands once the verdict rules have been asked: all that checks may look at beside the program.
#pragma once

#include <vector>

#include "report/report.h"

namespace ringfence {

struct Verdicts {
  std::vector<ReportedObject> objects; // parallel to the program's objects
  std::vector<ReportedModule> modules; // parallel to the program's modules: what they claim, and whether it holds
};

} // namespace ringfence
