#include "classify/rules/evaluate.h"

#include <algorithm>

#include "classify/predicates/predicate.h"
#include "classify/predicates/standing.h"

namespace ringfence {

namespace {

struct Evaluation {
  const Truth &truth;
  Outcome outcome;

  void decide(const Condition &predicate, bool negated) {
    outcome.decider = &predicate;
    outcome.negated = negated;
  }

  // `negated`: under an odd number of `not`s. Leaves the decider set exactly where the result is not `wanted`, that is
  // !negated.
  bool run(const Condition &condition, bool negated) {
    switch (condition.kind) {
    case Condition::Kind::predicate:
      return leaf(condition, negated);
    case Condition::Kind::negation:
      return !run(condition.children.front(), !negated);
    case Condition::Kind::all:
      return several(condition, negated, true);
    case Condition::Kind::any:
      return several(condition, negated, false);
    }
    return false;
  }

  bool leaf(const Condition &condition, bool negated) {
    std::vector<Evidence> shown;
    const bool holds = truth(condition, shown);
    if (holds && !negated)
      outcome.evidence.insert(outcome.evidence.end(), shown.begin(), shown.end());
    if (holds == negated)
      decide(condition, negated);
    return holds;
  }

  // `all` stops at the first child that does not hold, `any` at the first that does.
  bool several(const Condition &condition, bool negated, bool all) {
    const std::size_t before = outcome.evidence.size();
    const Condition *first_decider = nullptr;
    bool first_negated = false;
    for (const Condition &child : condition.children) {
      outcome.decider = nullptr;
      const bool holds = run(child, negated);
      if (outcome.decider && !first_decider) {
        first_decider = outcome.decider;
        first_negated = outcome.negated;
      }
      if (holds != all) {
        finish(holds != negated, outcome.decider, outcome.negated, before);
        return holds;
      }
    }
    finish(all != negated, first_decider, first_negated, before);
    return all;
  }

  // Evidence of a branch that came to nothing is dropped; so is the decider of one that held.
  void finish(bool wanted, const Condition *decider, bool negated, std::size_t evidence_before) {
    outcome.decider = wanted ? nullptr : decider;
    outcome.negated = negated;
    if (!wanted)
      outcome.evidence.resize(evidence_before);
  }
};

} // namespace

Outcome evaluate(const Condition &condition, const Truth &truth) {
  Evaluation evaluation{truth, {}};
  evaluation.outcome.holds = evaluation.run(condition, false);
  return std::move(evaluation.outcome);
}

namespace {

template <class... Standing>
Outcome evaluate_with(const Condition &condition, const ProgramIndex &index, const Standing &...standing,
                      Index subject) {
  return evaluate(condition, [&](const Condition &predicate, Evidences &evidence) {
    const AnyTest &test = predicate.predicate->test;
    const auto holds = [&](const std::string &word) {
      const Test<> *alone = std::get_if<Test<>>(&test);
      return alone ? (*alone)(index, subject, word, evidence)
                   : std::get<Test<Standing...>>(test)(index, standing..., subject, word, evidence);
    };
    const auto &words = predicate.arguments;
    return predicate.predicate->takes == Takes::nothing ? holds({}) : std::any_of(words.begin(), words.end(), holds);
  });
}

} // namespace

Outcome evaluate(const Condition &condition, const ProgramIndex &index, Index subject) {
  return evaluate_with<>(condition, index, subject);
}

Outcome evaluate(const Condition &condition, const ProgramIndex &index, const Verdicts &verdicts, Index subject) {
  return evaluate_with<Verdicts>(condition, index, verdicts, subject);
}

Outcome evaluate(const Condition &condition, const ProgramIndex &index, const std::vector<AllowanceUse> &uses,
                 Index subject) {
  return evaluate_with<std::vector<AllowanceUse>>(condition, index, uses, subject);
}

std::string describe(const Condition &predicate, bool negated) {
  std::string text = negated ? "not " : "";
  text += predicate.predicate ? predicate.predicate->name : "(no condition)";
  for (std::size_t i = 0; i < predicate.arguments.size(); ++i)
    text += (i == 0 ? " " : "|") + predicate.arguments[i];
  return text;
}

} // namespace ringfence
