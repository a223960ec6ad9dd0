// What of a report somebody should act on: the flat list from which the gate and the line-by-line formats are made. An
// entry is an object with its verdict, or a check's finding.
#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace ringfence {

// An object or a finding whose risk reaches a bar.
struct Problem {
  Subject subject;
  std::string rule, fingerprint;
  std::string verdict, kind, type; // of an object; empty for other subjects
  Place place;
  std::string message, advice;
  Risks risk{};
  std::vector<Evidence> evidence;
  std::optional<Suppression> suppressed;
  std::vector<std::string> observed; // of an object: as in ReportedObject
  std::optional<std::vector<std::string>> members =
      {}; // of a struct that is judged by member: those at that risk, sorted
};

// What nobody allowed. By place, one for each fingerprint.
std::vector<Problem> problems_of(const Report &report, const std::vector<Profile> &profiles, Risk min_risk);
bool has_problem(const Report &report, const std::vector<Profile> &profiles, Risk min_risk);
// What a comment or attribute in the source allows.
std::vector<Problem> suppressed_of(const Report &report, const std::vector<Profile> &profiles, Risk min_risk);
// The findings that say so of an allowance which allows nothing (RF901), whatever their risk.
std::vector<Problem> unused_suppressions_of(const Report &report);

// Whether the object is listed by itself: it has a risk, and no finding speaks for it.
bool is_at_risk(const ReportedObject &object, const std::vector<Profile> &profiles);
// The verdict of an object in the form of a finding, under the object's fingerprint.
Finding finding_of(const ReportedObject &object);

// "a.c:f():cache [RF103 cached-import]: the reason (a.c:3)", harmless for a terminal.
std::string suppressed_line(const Problem &problem);

} // namespace ringfence
