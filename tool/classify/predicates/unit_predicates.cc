// The predicates of rules about the scan itself: units that were not read in full, files that no unit reads.
#include <map>

#include "base/text.h"
#include "classify/predicates/predicate.h"

namespace ringfence {

namespace {

bool status(const ProgramIndex &p, Index u, Word word, Evidences &evidence) {
  if (u >= p.program.units.size())
    return false;
  const UnitSummary &unit = p.program.units[u];
  const bool failed = unit.status == UnitStatus::failed;
  if (unit.status == UnitStatus::complete || word != (failed ? "failed" : "partial"))
    return false;
  for (const Diagnostic &diagnostic : unit.diagnostics)
    if (diagnostic.severity != Severity::warning) {
      evidence.push_back({p.place(diagnostic.location), {}, diagnostic.message});
      return true;
    }
  evidence.push_back({{unit.file, 0, 0}, {}, failed ? "it could not be read" : "it was read in part"});
  return true;
}

bool uncovered(const ProgramIndex &p, Index u, Word, Evidences &evidence) {
  if (u < p.program.units.size())
    return false;
  evidence.push_back({{p.program.uncovered[u - p.program.units.size()], 0, 0}, {}, "no unit reads it"});
  return true;
}

// One unit speaks for the whole tree, and each condition is told once, with the first variable that hangs on it.
bool has_inactive_declarations(const ProgramIndex &p, Index u, Word, Evidences &evidence) {
  if (u != 0)
    return false;
  std::map<std::string_view, std::vector<const Inactive *>> by_condition;
  for (const Inactive &inactive : p.program.inactive)
    by_condition[inactive.condition].push_back(&inactive);
  for (const auto &[condition, all] : by_condition) {
    const std::string others = all.size() > 1 ? " and " + count_of(all.size() - 1, "other") : "";
    const std::string exist = all.size() > 1 ? " exist only where " : " exists only where ";
    evidence.push_back(
        {p.place(all.front()->location), {}, all.front()->name + others + exist + std::string(condition)});
  }
  return !evidence.empty();
}

constexpr Predicate unit_rows[] = {
    {"status", Takes::word, "it was read this far: \"partial\", \"failed\"", status},
    {"has-inactive-declarations", Takes::nothing, "declares variables in branches that the preprocessor did not take",
     has_inactive_declarations},
    {"uncovered", Takes::nothing, "a source file that no unit reads", uncovered},
};

} // namespace

std::span<const Predicate> unit_predicates() { return unit_rows; }

} // namespace ringfence
