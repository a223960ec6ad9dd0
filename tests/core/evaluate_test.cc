// The rule engine against an evaluator of its own: every condition up to three levels over three predicates, under
// every assignment.
#include <catch2/catch.hpp>

#include <set>
#include <type_traits>
#include <variant>

#include "classify/predicates/predicate.h"
#include "classify/rules/evaluate.h"
#include "classify/rules/rule.h"

namespace ringfence {

namespace {

constexpr unsigned variables = 3;

Condition leaf(unsigned variable) { return {Condition::Kind::predicate, {}, nullptr, {std::to_string(variable)}}; }

Condition node(Condition::Kind kind, std::vector<Condition> children) {
  return {kind, std::move(children), nullptr, {}};
}

// All conditions with one more level over the given ones: `not` of each, `all` and `any` of none, of one, and of each
// ordered pair.
std::vector<Condition> grow(const std::vector<Condition> &below) {
  std::vector<Condition> grown = below;
  for (const Condition &one : below)
    grown.push_back(node(Condition::Kind::negation, {one}));
  for (const auto kind : {Condition::Kind::all, Condition::Kind::any}) {
    grown.push_back(node(kind, {}));
    for (const Condition &one : below) {
      grown.push_back(node(kind, {one}));
      for (const Condition &other : below)
        grown.push_back(node(kind, {one, other}));
    }
  }
  return grown;
}

unsigned variable_of(const Condition &condition) {
  return static_cast<unsigned>(std::stoul(condition.arguments.front()));
}

// A truth table as a bit set over the assignments, computed from the whole condition without stopping early.
unsigned truth_table(const Condition &condition) {
  unsigned table = 0;
  for (unsigned assignment = 0; assignment < (1u << variables); ++assignment) {
    unsigned holding = 0;
    for (const Condition &child : condition.children)
      holding += (truth_table(child) >> assignment) & 1u;
    bool value = false;
    if (condition.kind == Condition::Kind::predicate)
      value = (assignment >> variable_of(condition)) & 1u;
    else if (condition.kind == Condition::Kind::negation)
      value = holding == 0;
    else if (condition.kind == Condition::Kind::all)
      value = holding == condition.children.size();
    else
      value = holding > 0;
    table |= (value ? 1u : 0u) << assignment;
  }
  return table;
}

// The truth of each predicate on one path of negations: whether the decider is one whose truth does decide.
void check(const Condition &condition, unsigned assignment, bool expected) {
  const Outcome outcome = evaluate(condition, [&](const Condition &predicate, std::vector<Evidence> &evidence) {
    const bool holds = (assignment >> variable_of(predicate)) & 1u;
    if (holds)
      evidence.push_back({{}, {}, predicate.arguments.front()});
    return holds;
  });
  REQUIRE(outcome.holds == expected);
  if (expected)
    REQUIRE(outcome.decider == nullptr);
  else
    REQUIRE(outcome.evidence.empty());
  if (outcome.decider)
    REQUIRE((((assignment >> variable_of(*outcome.decider)) & 1u) != 0) == outcome.negated);
  for (const Evidence &shown : outcome.evidence)
    REQUIRE(((assignment >> std::stoul(shown.text)) & 1u) != 0);
}

} // namespace

TEST_CASE("the rule engine agrees with truth tables on every small condition") {
  std::vector<Condition> leaves;
  for (unsigned variable = 0; variable < variables; ++variable)
    leaves.push_back(leaf(variable));
  const std::vector<Condition> conditions = grow(grow(leaves));
  for (const Condition &condition : conditions) {
    const unsigned table = truth_table(condition);
    for (unsigned assignment = 0; assignment < (1u << variables); ++assignment)
      check(condition, assignment, (table >> assignment) & 1u);
  }
  CHECK(conditions.size() > 2000);
}

TEST_CASE("the words of the predicates are distinct and documented") {
  for (const SubjectKind subject :
       {SubjectKind::object, SubjectKind::module, SubjectKind::type, SubjectKind::call, SubjectKind::function}) {
    std::set<std::string_view> names;
    for (const Predicate &predicate : predicates(subject)) {
      CHECK(names.insert(predicate.name).second);
      CHECK_FALSE(predicate.doc.empty());
      CHECK(std::visit([](auto test) { return test != nullptr; }, predicate.test));
    }
  }
}

// What gives verdicts cannot ask for them; what checks may.
template <class Row, class TestType> constexpr bool takes = std::is_constructible_v<decltype(Row::test), TestType>;
static_assert(takes<ObjectPredicate, Test<>> && !takes<ObjectPredicate, Test<Verdicts>>);
static_assert(takes<Predicate, Test<>> && takes<Predicate, Test<Verdicts>>);
static_assert(std::is_const_v<decltype(ProgramIndex::accesses_of)> &&
              std::is_const_v<decltype(ProgramIndex::attribution)>);

} // namespace ringfence
