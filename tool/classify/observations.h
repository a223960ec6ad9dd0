// What the runtime library saw of the objects while a module ran (`python -m ringfence exercise --json`), merged into a
// report. A verdict that a run contradicts is an error of ringfence, and is shown as one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "classify/rules/rule.h"
#include "report/report.h"

namespace ringfence {

// One object in one run.
struct Observation {
  std::string id;                     // the object's id in the report that the manifest was made from
  std::vector<std::string> kinds;     // changed, type-mutated, shared-object, foreign-object, dead-object
  std::vector<std::string> scenarios; // "own GIL, at once"
  std::string python;                 // version
};

// `text` is a ringfence-evidence/1 file; other versions are refused.
Result<std::vector<Observation>> observations_from_json(std::string_view text);

// Fills `observed` of the objects, adds a finding of the rule for it for each that is said to be constant or never
// written and was seen to change, and a note for ids that the report does not have.
void add_observations(Report &report, const std::vector<Observation> &observations, const RuleSet &rules);

} // namespace ringfence
