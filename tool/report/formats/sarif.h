// SARIF 2.1.0 (OASIS standard): https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
#pragma once

#include <map>
#include <string>
#include <vector>

#include "report/problem.h"
#include "report/rule_notes.h"

namespace ringfence {

// `states`: the baseline state of a fingerprint ("new", "unchanged", SARIF 3.27.24) where the report was compared.
// Problems that the source itself allows are written with a suppression. `const_places`: by subject, where `const `
// can be written as its fix.
std::string to_sarif(const Report &report, const std::vector<Problem> &problems,
                     const std::map<std::string, std::string> &states,
                     const std::map<std::string, std::vector<Place>> &const_places = {}, const RuleNotes &rules = {});

} // namespace ringfence
