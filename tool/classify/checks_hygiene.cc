// The predicates of rules about the scan itself: units that were not read in full, allowances that allow nothing.
#include <map>

#include "base/text.h"
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

// One unit speaks for the whole tree, and each condition is told once, with the first variable that hangs on it.
bool has_inactive_declarations(const Context &c, Index u, Word, Evidences &evidence) {
  if (u != 0)
    return false;
  std::map<std::string_view, std::vector<const Inactive *>> by_condition;
  for (const Inactive &inactive : c.program.inactive)
    by_condition[inactive.condition].push_back(&inactive);
  for (const auto &[condition, all] : by_condition) {
    const std::string others = all.size() > 1 ? " and " + count_of(all.size() - 1, "other") : "";
    const std::string exist = all.size() > 1 ? " exist only where " : " exists only where ";
    evidence.push_back(
        {c.place(all.front()->location), {}, all.front()->name + others + exist + std::string(condition)});
  }
  return !evidence.empty();
}

} // namespace unit_predicate

namespace allowance_predicate {

bool unused(const Context &c, Index a, Word, Evidences &evidence) {
  const Allowance &allowance = c.program.allowances[a];
  const AllowanceUse &use = c.allowances[a];
  if (use.used || allowance.reason.empty())
    return false;
  std::string why = use.unknown;
  if (why.empty() && allowance.line == 0)
    why = "no code follows it";
  if (why.empty())
    why = "no finding of it is at line " + std::to_string(allowance.line);
  evidence.push_back({c.place(allowance.location), {}, std::move(why)});
  return true;
}

bool without_reason(const Context &c, Index a, Word, Evidences &) { return c.program.allowances[a].reason.empty(); }

} // namespace allowance_predicate

std::span<const Predicate> allowance_predicates() {
  static constexpr Predicate table[] = {
      {"unused", Takes::nothing, "it gives a reason, and nothing of its rule is found where it stands",
       allowance_predicate::unused},
      {"without-reason", Takes::nothing, "it gives no reason", allowance_predicate::without_reason},
  };
  return table;
}

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
