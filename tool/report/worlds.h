// One report from those of several worlds.
#pragma once

#include <vector>

#include "report/report.h"
#include "source/worlds.h"

namespace ringfence {

struct WorldReport {
  World world;
  Report report;
};

// Adds to the build's report what the worlds (oldest first) say. A module's verdict is that of the newest world that
// the profile is about: without the GIL for free-threaded, with it for the others. Where worlds differ, the module says
// what each of them shows. Objects and findings that one world alone has come along; the risk without the GIL is that
// of the worlds without it. The world of the build's macros adds what it alone shows, and can refute a claim. A unit that
// was read in full for the build and not in a world is listed with that world, and counts as incomplete.
void add_worlds(Report &report, std::vector<WorldReport> worlds);

} // namespace ringfence
