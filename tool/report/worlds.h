// One report from those of several worlds.
#pragma once

#include <vector>

#include "report/report.h"

namespace ringfence {

struct WorldReport {
  std::string name; // "3.14t"
  bool gil = true;
  Report report;
};

// Adds to the build's report what the worlds (oldest first) say. A module's verdict is that of the newest world that
// the profile is about: without the GIL for free-threaded, with it for the others. Where worlds differ, the module says
// what each of them shows. Objects and findings that one world alone has come along; the risk without the GIL is that
// of the worlds without it.
void add_worlds(Report &report, std::vector<WorldReport> worlds);

} // namespace ringfence
