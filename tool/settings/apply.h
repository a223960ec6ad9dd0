// A project's decisions over a report.
#pragma once

#include "classify/rules/rule.h"
#include "report/report.h"
#include "settings/settings.h"

namespace ringfence {

// An error where the settings name a rule that there is not, with the nearest one that there is.
Result<void> check_rules(const Settings &settings, const RuleSet &rules);

// What is ignored counts as suppressed, with its reason; what a rule finds has the risk that the project gives it, in
// every profile where the rule sees one. A decision that matched nothing is a note. Claims were judged before, by what
// the rules say themselves: no setting makes a claim true.
void apply_settings(Report &report, const Settings &settings);

} // namespace ringfence
