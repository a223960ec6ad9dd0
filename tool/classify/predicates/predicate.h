// The predicates that rules are made of. Each stands with its row in the file of its subject or fact; predicates.cc joins
// the rows to one table for each kind of subject, nothing registers itself.
//
// The signature says what a predicate may look at. Objects are judged by what is known before there are verdicts, so the
// signature of theirs has no place for one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "classify/index/program_index.h"
#include "report/subject.h"

namespace ringfence {

struct AllowanceUse; // classify/checks/allowances.h
struct Verdicts;     // classify/predicates/standing.h

// What a predicate takes in a rule file.
enum class Takes {
  nothing,
  word,   // free words, each tried on its own: the predicate holds where it holds for any
  trait,  // the same with traits of the tables: one that no table entry has is an error
  number, // one decimal number
};

using Word = const std::string &; // what a rule asks with: a name, a trait, a number
using Evidences = std::vector<Evidence>;

// Whether it holds of the subject, by the program and by what else stands when it is asked. Appends the facts that show
// it to the evidence where it holds and there are any to show.
template <class... Standing>
using Test = bool (*)(const ProgramIndex &, const Standing &..., Index subject, Word, Evidences &);
using AnyTest = std::variant<Test<>, Test<Verdicts>, Test<std::vector<AllowanceUse>>>;

template <class TestType> struct PredicateRow {
  std::string_view name;
  Takes takes;
  std::string_view doc; // one line for people: what holds, and which fact shows it
  TestType test;
};

using ObjectPredicate = PredicateRow<Test<>>;

// A predicate of any subject, as rules name it.
struct Predicate : PredicateRow<AnyTest> {};

// Of objects: what the declaration, the initialiser, the writes, all uses and the stored values say.
std::span<const ObjectPredicate> declaration_predicates();
std::span<const ObjectPredicate> initialiser_predicates();
std::span<const ObjectPredicate> write_predicates();
std::span<const ObjectPredicate> flag_predicates();
std::span<const ObjectPredicate> use_predicates();
std::span<const ObjectPredicate> value_predicates();
std::span<const ObjectPredicate> capsule_predicates();
// Of calls: the call, and what is given to it.
std::span<const Predicate> call_predicates();
std::span<const Predicate> argument_predicates();
// Of types: any, and those that are made of a spec.
std::span<const Predicate> type_predicates();
std::span<const Predicate> spec_predicates();
// Of one kind of subject each.
std::span<const Predicate> module_predicates();
std::span<const Predicate> function_predicates();
std::span<const Predicate> unit_predicates();
std::span<const Predicate> allowance_predicates();
std::span<const Predicate> member_predicates();

std::span<const Predicate> predicates(SubjectKind subject);
const Predicate *find_predicate(SubjectKind subject, std::string_view name);

} // namespace ringfence
