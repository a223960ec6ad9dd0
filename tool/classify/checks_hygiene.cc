// The predicates of rules about the scan itself: units that were not read in full.
#include "classify/check_predicates.h"

namespace ringfence {

namespace {

using Word = const std::string &;
using Evidences = std::vector<Evidence>;

} // namespace

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

bool has_inactive_declarations(const Context &c, Index u, Word, Evidences &evidence) {
  if (u >= c.program.units.size())
    return false;
  for (const Inactive &inactive : c.program.inactive)
    if (c.place(inactive.location).file == c.program.units[u].file)
      evidence.push_back({c.place(inactive.location), {}, inactive.name + " exists only where " + inactive.condition});
  return !evidence.empty();
}

} // namespace unit_predicate

std::span<const Predicate> unit_predicates() {
  static constexpr Predicate table[] = {
      {"status", Takes::word, "it was read this far: \"partial\", \"failed\"", unit_predicate::status},
      {"has-inactive-declarations", Takes::nothing, "declares variables in branches that the preprocessor did not take",
       unit_predicate::has_inactive_declarations},
      {"uncovered", Takes::nothing, "a source file that no unit reads", unit_predicate::uncovered},
  };
  return table;
}

} // namespace ringfence
