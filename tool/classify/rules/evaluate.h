// Whether a rule's condition holds of a subject, and what showed it.
#pragma once

#include <functional>
#include <vector>

#include "classify/index/program_index.h"
#include "classify/rules/rule.h"

namespace ringfence {

struct AllowanceUse; // classify/checks/allowances.h
struct Verdicts;     // classify/predicates/standing.h

// The truth of one predicate with its words; may append the facts that show it.
using Truth = std::function<bool(const Condition &predicate, std::vector<Evidence> &evidence)>;

struct Outcome {
  bool holds = false;
  std::vector<Evidence> evidence; // of the predicates that hold and decided, in the order of the condition
  // Where it does not hold: the first predicate that decided so; null where it holds.
  const Condition *decider = nullptr;
  bool negated = false; // the decider holds, but stands under a `not`
};

Outcome evaluate(const Condition &condition, const Truth &truth);

// The same over a program, with what stands when the rule is asked: nothing more for verdict rules, verdicts for checks,
// what came of allowances for the checks of those.
Outcome evaluate(const Condition &condition, const ProgramIndex &index, Index subject);
Outcome evaluate(const Condition &condition, const ProgramIndex &index, const Verdicts &verdicts, Index subject);
Outcome evaluate(const Condition &condition, const ProgramIndex &index, const std::vector<AllowanceUse> &uses,
                 Index subject);

// "writes-in-lazily", "not deep-const", "stores-result-of import|exception": a predicate as people read it.
std::string describe(const Condition &predicate, bool negated);

} // namespace ringfence
