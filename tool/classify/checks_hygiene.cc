// The predicates of rules about the scan itself: comments that allow findings, and units that were not read in full.
#include <algorithm>

#include "classify/check_predicates.h"

namespace ringfence {

namespace {

using Word = const std::string &;
using Evidences = std::vector<Evidence>;

} // namespace

namespace allowance_predicate {

// The line of code that the comment speaks of has an object with a risk. Allowances of check findings are not weighed
// here: checks run after the verdicts, in no order among themselves.
bool allows_nothing(const Context &c, Index a, Word, Evidences &) {
  const Allowance &allowance = c.program.allowances[a];
  const Place place = c.place(allowance.location);
  const std::string &rule = allowance.rule;
  if (!rule.starts_with("RF1") && !rule.starts_with("RF201"))
    return false;
  return std::none_of(c.objects.begin(), c.objects.end(), [&](const ReportedObject &object) {
    return object.place.file == place.file && object.place.line == allowance.line &&
           std::any_of(object.risk.begin(), object.risk.end(), [](Risk risk) { return risk != Risk::none; });
  });
}

bool gives_no_reason(const Context &c, Index a, Word, Evidences &) { return c.program.allowances[a].reason.empty(); }

} // namespace allowance_predicate

namespace unit_predicate {

bool status(const Context &c, Index u, Word word, Evidences &evidence) {
  if (u >= c.program.units.size())
    return false;
  const UnitSummary &unit = c.program.units[u];
  const bool failed = unit.status == UnitStatus::failed;
  if (unit.status == UnitStatus::complete || word != (failed ? "failed" : "partial"))
    return false;
  for (const Diagnostic &diagnostic : unit.diagnostics)
    if (diagnostic.severity != Severity::warning) {
      evidence.push_back({c.place(diagnostic.location), {}, diagnostic.message});
      return true;
    }
  evidence.push_back({{unit.file, 0, 0}, {}, failed ? "it could not be read" : "it was read in part"});
  return true;
}

bool uncovered(const Context &c, Index u, Word, Evidences &evidence) {
  if (u < c.program.units.size())
    return false;
  evidence.push_back({{c.program.uncovered[u - c.program.units.size()], 0, 0}, {}, "no unit reads it"});
  return true;
}

} // namespace unit_predicate

std::span<const Predicate> allowance_predicates() {
  static constexpr Predicate table[] = {
      {"allows-nothing", Takes::nothing, "nothing with a risk stands on the line it speaks of",
       allowance_predicate::allows_nothing},
      {"gives-no-reason", Takes::nothing, "no reason stands behind the rule", allowance_predicate::gives_no_reason},
  };
  return table;
}

std::span<const Predicate> unit_predicates() {
  static constexpr Predicate table[] = {
      {"status", Takes::word, "it was read this far: \"partial\", \"failed\"", unit_predicate::status},
      {"uncovered", Takes::nothing, "a source file that no unit reads", unit_predicate::uncovered},
  };
  return table;
}

} // namespace ringfence
