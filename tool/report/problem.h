// What of a report somebody should act on: the flat list from which the gate and the line-by-line formats are made.
#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace ringfence {

// An object or a finding whose risk reaches a bar.
struct Problem {
  std::string subject, rule, fingerprint;
  std::string verdict, kind, type; // of an object; empty for other subjects
  Place place;
  std::string message, advice;
  Risks risk{};
  std::vector<Evidence> evidence;
};

// By place, one for each fingerprint.
std::vector<Problem> problems_of(const Report &report, const std::vector<Profile> &profiles, Risk min_risk);

} // namespace ringfence
