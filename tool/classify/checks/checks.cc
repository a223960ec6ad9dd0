#include "classify/checks/checks.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>

#include "base/hash.h"
#include "base/parallel.h"
#include "classify/predicates/predicate.h"
#include "classify/rules/evaluate.h"
#include "classify/rules/wording.h"

namespace ringfence {

namespace {

// What a finding says of its subject.
struct Described {
  Subject subject;
  Naming naming;
  Place place;
};

Described describe_object(const ProgramIndex &index, Index at) {
  const Object &object = index.program.objects[at];
  Subject subject = index.subject(object);
  Naming naming = naming_of(subject, object.name, object.type.spelling);
  return {std::move(subject), std::move(naming), index.place(object.location)};
}

Described describe_module(const ProgramIndex &index, Index at) {
  const Module &module = index.program.modules[at];
  const Place place = index.place(module.location);
  return {{SubjectKind::module, place.file, "", module.name}, {module.name, {}, {}, {}, last_name(module.name)}, place};
}

Described describe_type(const ProgramIndex &index, Index at) {
  const TypeEntity &type = index.program.types[at];
  if (type.object >= index.program.objects.size())
    return {{SubjectKind::type, "", "", type.name}, {type.name, {}, {}}, {}};
  const Object &object = index.program.objects[type.object];
  Subject subject = index.subject(object);
  subject.kind = SubjectKind::type;
  return {std::move(subject),
          {type.name.empty() ? object.name : type.name, object.type.spelling, object.function},
          index.place(object.location)};
}

Described describe_function(const ProgramIndex &index, Index at) {
  const Function &function = index.program.functions[at];
  Naming naming{function.name, {}, function.name};
  for (std::size_t m = 0; m < index.program.modules.size(); ++m)
    if (std::ranges::binary_search(index.attribution.functions_of_module[m], at))
      naming.module = last_name(index.program.modules[m].name);
  return {index.subject(function), std::move(naming), index.place(function.location)};
}

Described describe_call(const ProgramIndex &index, Index at) {
  const Call &call = index.program.calls[at];
  const Place place = index.place(call.location);
  const std::string callee =
      call.callee < index.program.functions.size() ? index.program.functions[call.callee].name : call.pointer;
  const std::string caller =
      call.caller < index.program.functions.size() ? index.program.functions[call.caller].name : std::string();
  return {{SubjectKind::call, place.file, caller, callee}, {callee, {}, caller}, place};
}

// Units first, then the files that no unit reads.
Described describe_unit(const ProgramIndex &index, Index at) {
  const auto &units = index.program.units;
  if (at >= units.size()) {
    const std::string &file = index.program.uncovered[at - units.size()];
    return {{SubjectKind::unit, "", "", file}, {file, {}, {}}, {file, 0, 0}};
  }
  return {{SubjectKind::unit, "", "", units[at].id}, {units[at].file, {}, {}}, {units[at].file, 0, 0}};
}

// The reason is part of the id, so that allowances of one rule in one file are told apart without their lines.
Described describe_allowance(const ProgramIndex &index, Index at) {
  const Allowance &allowance = index.program.allowances[at];
  const Place place = index.place(allowance.location);
  const std::string reason = allowance.reason.empty() ? "" : " " + allowance.reason;
  return {{SubjectKind::allowance, place.file, "", allowance.rule + reason}, {allowance.rule, {}, {}}, place};
}

Described describe_member(const ProgramIndex &index, Index at) {
  const Object &member = index.program.objects[at];
  const Place place = index.place(member.location);
  return {{SubjectKind::member, place.file, "", member.record + "::" + member.name},
          {member.record + "." + member.name, member.type.spelling, {}},
          place};
}

Described describe_subject(const ProgramIndex &index, SubjectKind subject, Index at) {
  switch (subject) {
  case SubjectKind::object:
    return describe_object(index, at);
  case SubjectKind::module:
    return describe_module(index, at);
  case SubjectKind::type:
    return describe_type(index, at);
  case SubjectKind::call:
    return describe_call(index, at);
  case SubjectKind::function:
    return describe_function(index, at);
  case SubjectKind::unit:
    return describe_unit(index, at);
  case SubjectKind::allowance:
    return describe_allowance(index, at);
  case SubjectKind::member:
    return describe_member(index, at);
  case SubjectKind::generator: // no rule applies to one
    break;
  }
  return {};
}

// Only what project code defines or does is reported; copies of our own runtime library are not its code.
bool in_project(const ProgramIndex &index, SubjectKind subject, Index at) {
  const auto of_library = [&](const Location &location) {
    return location.file < index.is_runtime_library.size() && index.is_runtime_library[location.file];
  };
  switch (subject) {
  case SubjectKind::object:
    return in_inventory(index.program.objects[at]) && !of_library(index.program.objects[at].location);
  case SubjectKind::member:
    return index.is_shared_member[at] && !of_library(index.program.objects[at].location);
  case SubjectKind::function: {
    const Function &function = index.program.functions[at];
    return function.defined && !function.outside && !of_library(function.location);
  }
  case SubjectKind::call: {
    const Location &location = index.program.calls[at].location;
    return location.file < index.program.files.size() && index.program.files[location.file].project &&
           !of_library(location);
  }
  case SubjectKind::module:
  case SubjectKind::type:
  case SubjectKind::unit:
  case SubjectKind::allowance:
  case SubjectKind::generator:
    return true;
  }
  return true;
}

std::size_t count(const Program &program, SubjectKind subject) {
  switch (subject) {
  case SubjectKind::object:
  case SubjectKind::member:
    return program.objects.size();
  case SubjectKind::module:
    return program.modules.size();
  case SubjectKind::type:
    return program.types.size();
  case SubjectKind::call:
    return program.calls.size();
  case SubjectKind::function:
    return program.functions.size();
  case SubjectKind::unit:
    return program.units.size() + program.uncovered.size();
  case SubjectKind::allowance:
    return program.allowances.size();
  case SubjectKind::generator:
    break;
  }
  return 0;
}

// Asks a condition of a subject, with what stands beside the program.
using Ask = std::function<Outcome(const Condition &, Index subject)>;

void adjust_risk(const Rule &rule, const Ask &ask, Index at, Finding &finding) {
  for (const Adjustment &adjustment : rule.adjust) {
    const Outcome outcome = ask(adjustment.when, at);
    if (!outcome.holds)
      continue;
    for (const auto &[profile, risk] : adjustment.risk)
      finding.risk[static_cast<std::size_t>(profile)] = risk;
    finding.evidence.insert(finding.evidence.end(), outcome.evidence.begin(), outcome.evidence.end());
  }
}

// Those that rules are tried on.
struct Subjects {
  std::map<SubjectKind, std::vector<Index>> of_kind;
  std::vector<Index> macro_calls; // of the calls: those of macros of Python's, which have no callee
};

void add_subjects(const ProgramIndex &index, SubjectKind kind, Subjects &subjects) {
  const auto [at, is_new] = subjects.of_kind.try_emplace(kind);
  for (Index i = 0; is_new && i < count(index.program, kind); ++i) {
    if (!in_project(index, kind, i))
      continue;
    at->second.push_back(i);
    if (kind == SubjectKind::call && index.program.calls[i].callee == none && index.callee_api(index.program.calls[i]))
      subjects.macro_calls.push_back(i);
  }
}

// The predicate of this name without which the condition does not hold; null where there is none.
const Condition *required(const Condition &condition, const Predicate *predicate) {
  if (condition.kind == Condition::Kind::predicate)
    return condition.predicate == predicate ? &condition : nullptr;
  if (condition.kind == Condition::Kind::all)
    for (const Condition &child : condition.children)
      if (const Condition *found = required(child, predicate))
        return found;
  return nullptr;
}

// Those among the subjects of the rule's kind on which it is worth trying: most rules on calls ask for a trait of what
// is called.
std::vector<Index> candidates(const ProgramIndex &index, const Rule &rule, const Subjects &subjects) {
  static const Predicate *const by_trait = find_predicate(SubjectKind::call, "calls-any-with");
  const Condition *wanted = required(rule.when, by_trait);
  if (!wanted)
    return subjects.of_kind.at(rule.applies_to);
  const auto is_wanted = [&](const ApiEntry *api) {
    return api && std::any_of(wanted->arguments.begin(), wanted->arguments.end(),
                              [&](const std::string &trait) { return api->has(trait); });
  };
  std::vector<Index> calls;
  std::copy_if(subjects.macro_calls.begin(), subjects.macro_calls.end(), std::back_inserter(calls),
               [&](Index call) { return is_wanted(index.callee_api(index.program.calls[call])); });
  for (Index function = 0; function < index.api_of.size(); ++function) {
    if (is_wanted(index.api_of[function]))
      std::copy_if(index.calls_to[function].begin(), index.calls_to[function].end(), std::back_inserter(calls),
                   [&](Index call) { return in_project(index, SubjectKind::call, call); });
  }
  std::sort(calls.begin(), calls.end());
  return calls;
}

void run_check(const ProgramIndex &index, const Rule &rule, const Subjects &subjects, const Ask &ask,
               const std::string &min_python, std::vector<Finding> &findings) {
  if (!rule.made_by.empty())
    return;
  for (const Index i : candidates(index, rule, subjects)) {
    Outcome outcome = ask(rule.when, i);
    if (!outcome.holds)
      continue;
    Described described = describe_subject(index, rule.applies_to, i);
    if (rule.applies_to == SubjectKind::member && !outcome.evidence.empty())
      described.place = outcome.evidence.front().place; // where it is wrong, not where it is declared
    const std::string fingerprint = hash_hex(rule.code + "\n" + described.subject.id());
    Finding finding{rule.full_name(),
                    std::move(described.subject),
                    described.place,
                    fill(rule.message, described.naming, outcome.evidence),
                    fill(rule.advice(min_python), described.naming, outcome.evidence),
                    rule.risk,
                    std::move(outcome.evidence),
                    fingerprint,
                    std::nullopt};
    adjust_risk(rule, ask, i, finding);
    findings.push_back(std::move(finding));
  }
}

} // namespace

std::vector<Finding> run_checks(const ProgramIndex &index, const Verdicts &verdicts, const RuleSet &rules,
                                const ClassifyOptions &options, CheckPass pass) {
  const auto is_of_pass = [&](const Rule &rule) {
    return rule.applies_to != SubjectKind::allowance &&
           (rule.applies_to == SubjectKind::module) == (pass == CheckPass::modules);
  };
  const auto ask = [&](const Condition &condition, Index subject) {
    return evaluate(condition, index, verdicts, subject);
  };
  Subjects subjects;
  for (const Rule &rule : rules.checks)
    if (is_of_pass(rule))
      add_subjects(index, rule.applies_to, subjects);
  std::vector<std::vector<Finding>> of_rules(rules.checks.size());
  for_each_parallel(rules.checks.size(), options.jobs, [&](std::size_t i) {
    if (is_of_pass(rules.checks[i]))
      run_check(index, rules.checks[i], subjects, ask, options.min_python, of_rules[i]);
  });
  std::vector<Finding> findings;
  for (std::vector<Finding> &some : of_rules)
    std::move(some.begin(), some.end(), std::back_inserter(findings));
  return findings;
}

std::vector<Finding> check_allowances(const ProgramIndex &index, const std::vector<AllowanceUse> &uses,
                                      const RuleSet &rules, const std::string &min_python) {
  const auto ask = [&](const Condition &condition, Index allowance) {
    return evaluate(condition, index, uses, allowance);
  };
  Subjects subjects;
  add_subjects(index, SubjectKind::allowance, subjects);
  std::vector<Finding> findings;
  for (const Rule &rule : rules.checks)
    if (rule.applies_to == SubjectKind::allowance)
      run_check(index, rule, subjects, ask, min_python, findings);
  return findings;
}

} // namespace ringfence
