// One report from those of several worlds.
#pragma once

#include <algorithm>
#include <vector>

#include "report/report.h"
#include "source/worlds.h"

namespace ringfence {

struct WorldReport {
  World world;
  Report report;
};

// Whether another system's world reads a unit further than the build: in full, or with fewer headers that it lacks.
template <class Unit> bool reads_further(const Unit &build, const Unit &there) {
  const auto lacking = [](const Unit &unit) {
    return std::count_if(unit.diagnostics.begin(), unit.diagnostics.end(),
                         [](const auto &each) { return each.message.ends_with("' file not found"); });
  };
  return build.status != UnitStatus::complete &&
         (there.status == UnitStatus::complete || lacking(there) < lacking(build));
}

// Adds to the build's report what the worlds (Pythons oldest first) say. A module's verdict is that of the newest world that
// the profile is about: without the GIL for free-threaded, with it for the others. Where worlds differ, the module says
// what each of them shows. Objects and findings that one world alone has come along; the risk without the GIL is that
// of the worlds without it. The world of the build's macros adds what it alone shows, and can refute a claim. A unit that
// was read in full for the build and not in a world is listed with that world, and counts as incomplete. What another
// system reads further than the build is said as that system has it.
void add_worlds(Report &report, std::vector<WorldReport> worlds);

} // namespace ringfence
