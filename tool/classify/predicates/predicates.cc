// Joins the rows of all predicates: the words that rule files are written in.
#include "classify/predicates/predicate.h"

#include <algorithm>

namespace ringfence {

namespace {

template <class... Tables> std::vector<Predicate> joined(const Tables &...tables) {
  std::vector<Predicate> all;
  const auto add = [&](const auto &table) {
    for (const auto &row : table)
      all.push_back({{row.name, row.takes, row.doc, row.test}});
  };
  (add(tables), ...);
  return all;
}

std::span<const Predicate> object_predicates() {
  static const std::vector<Predicate> all =
      joined(declaration_predicates(), initialiser_predicates(), write_predicates(), flag_predicates(),
             use_predicates(), value_predicates(), capsule_predicates());
  return all;
}

std::span<const Predicate> all_call_predicates() {
  static const std::vector<Predicate> all = joined(call_predicates(), argument_predicates());
  return all;
}

std::span<const Predicate> all_type_predicates() {
  static const std::vector<Predicate> all = joined(type_predicates(), spec_predicates());
  return all;
}

} // namespace

std::span<const Predicate> predicates(SubjectKind subject) {
  switch (subject) {
  case SubjectKind::object:
    return object_predicates();
  case SubjectKind::module:
    return module_predicates();
  case SubjectKind::type:
    return all_type_predicates();
  case SubjectKind::call:
    return all_call_predicates();
  case SubjectKind::function:
    return function_predicates();
  case SubjectKind::unit:
    return unit_predicates();
  case SubjectKind::allowance:
    return allowance_predicates();
  case SubjectKind::generator:
    break;
  case SubjectKind::member:
    return member_predicates();
  }
  return {};
}

const Predicate *find_predicate(SubjectKind subject, std::string_view name) {
  const auto table = predicates(subject);
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Predicate &predicate) { return predicate.name == name; });
  return found == table.end() ? nullptr : &*found;
}

} // namespace ringfence
