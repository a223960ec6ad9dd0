// The predicates that rules are made of: one visible table per kind of subject, nothing registers itself.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "classify/context.h"
#include "classify/rule.h"

namespace ringfence {

// What a predicate takes in a rule file.
enum class Takes {
  nothing,
  word,   // free words, each tried on its own: the predicate holds where it holds for any
  trait,  // the same with traits of the tables: one that no table entry has is an error
  number, // one decimal number
};

struct Predicate {
  std::string_view name;
  Takes takes;
  std::string_view doc; // one line for people: what holds, and which fact shows it
  // Whether it holds of the subject. Appends the facts that show it to `evidence` where it holds and there are any to
  // show.
  bool (*test)(const Context &, Index subject, const std::string &word, std::vector<Evidence> &evidence);
};

std::span<const Predicate> object_predicates();
std::span<const Predicate> module_predicates();
std::span<const Predicate> type_predicates();
std::span<const Predicate> call_predicates();
std::span<const Predicate> function_predicates();
std::span<const Predicate> unit_predicates();
std::span<const Predicate> allowance_predicates();
std::span<const Predicate> member_predicates();

std::span<const Predicate> predicates(SubjectKind subject);
const Predicate *find_predicate(SubjectKind subject, std::string_view name);

} // namespace ringfence
