#include "classify/checks.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "base/hash.h"
#include "base/parallel.h"
#include "classify/evaluate.h"
#include "classify/predicate.h"
#include "classify/verdict.h"

namespace ringfence {

namespace {

// What a finding says of its subject.
struct Described {
  Subject subject;
  Naming naming;
  Place place;
};

Described describe_object(const Context &context, Index index) {
  const ReportedObject &object = context.objects[index];
  return {object.subject, naming_of(object), object.place};
}

Described describe_module(const Context &context, Index index) {
  const ReportedModule &module = context.modules[index];
  return {module.subject(), {module.name, {}, {}}, module.place};
}

Described describe_type(const Context &context, Index index) {
  const TypeEntity &type = context.program.types[index];
  if (type.object >= context.program.objects.size())
    return {{SubjectKind::type, "", "", type.name}, {type.name, {}, {}}, {}};
  const Object &object = context.program.objects[type.object];
  Subject subject = context.subject(object);
  subject.kind = SubjectKind::type;
  return {std::move(subject),
          {type.name.empty() ? object.name : type.name, object.type.spelling, object.function},
          context.place(object.location)};
}

Described describe_function(const Context &context, Index index) {
  const Function &function = context.program.functions[index];
  return {context.subject(function), {function.name, {}, function.name}, context.place(function.location)};
}

Described describe_call(const Context &context, Index index) {
  const Call &call = context.program.calls[index];
  const Place place = context.place(call.location);
  const std::string callee =
      call.callee < context.program.functions.size() ? context.program.functions[call.callee].name : call.pointer;
  const std::string caller =
      call.caller < context.program.functions.size() ? context.program.functions[call.caller].name : std::string();
  return {{SubjectKind::call, place.file, caller, callee}, {callee, {}, caller}, place};
}

// Units first, then the files that no unit reads.
Described describe_unit(const Context &context, Index index) {
  const auto &units = context.program.units;
  if (index >= units.size()) {
    const std::string &file = context.program.uncovered[index - units.size()];
    return {{SubjectKind::unit, "", "", file}, {file, {}, {}}, {file, 0, 0}};
  }
  return {{SubjectKind::unit, "", "", units[index].id}, {units[index].file, {}, {}}, {units[index].file, 0, 0}};
}

// The reason is part of the id, so that allowances of one rule in one file are told apart without their lines.
Described describe_allowance(const Context &context, Index index) {
  const Allowance &allowance = context.program.allowances[index];
  const Place place = context.place(allowance.location);
  const std::string reason = allowance.reason.empty() ? "" : " " + allowance.reason;
  return {{SubjectKind::allowance, place.file, "", allowance.rule + reason}, {allowance.rule, {}, {}}, place};
}

Described describe_member(const Context &context, Index index) {
  const Object &member = context.program.objects[index];
  const Place place = context.place(member.location);
  return {{SubjectKind::member, place.file, "", member.record + "::" + member.name},
          {member.record + "." + member.name, member.type.spelling, {}},
          place};
}

Described describe_subject(const Context &context, SubjectKind subject, Index index) {
  switch (subject) {
  case SubjectKind::object:
    return describe_object(context, index);
  case SubjectKind::module:
    return describe_module(context, index);
  case SubjectKind::type:
    return describe_type(context, index);
  case SubjectKind::call:
    return describe_call(context, index);
  case SubjectKind::function:
    return describe_function(context, index);
  case SubjectKind::unit:
    return describe_unit(context, index);
  case SubjectKind::allowance:
    return describe_allowance(context, index);
  case SubjectKind::member:
    return describe_member(context, index);
  case SubjectKind::generator: // no rule applies to one
    break;
  }
  return {};
}

// Only what project code defines or does is reported; copies of our own runtime library are not its code.
bool in_project(const Context &context, SubjectKind subject, Index index) {
  const auto of_library = [&](const Location &location) {
    return location.file < context.is_runtime_library.size() && context.is_runtime_library[location.file];
  };
  switch (subject) {
  case SubjectKind::object:
    return in_inventory(context.program.objects[index]) && !of_library(context.program.objects[index].location);
  case SubjectKind::member:
    return context.is_shared_member[index] && !of_library(context.program.objects[index].location);
  case SubjectKind::function: {
    const Function &function = context.program.functions[index];
    return function.defined && !function.outside && !of_library(function.location);
  }
  case SubjectKind::call: {
    const Location &location = context.program.calls[index].location;
    return location.file < context.program.files.size() && context.program.files[location.file].project &&
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

void adjust_risk(const Context &context, const Rule &rule, Index index, Finding &finding) {
  for (const Adjustment &adjustment : rule.adjust) {
    const Outcome outcome = evaluate(adjustment.when, context, index);
    if (!outcome.holds)
      continue;
    for (const auto &[profile, risk] : adjustment.risk)
      finding.risk[static_cast<std::size_t>(profile)] = risk;
    finding.evidence.insert(finding.evidence.end(), outcome.evidence.begin(), outcome.evidence.end());
  }
}

using Subjects = std::map<SubjectKind, std::vector<Index>>; // those that rules are tried on

void add_subjects(const Context &context, SubjectKind kind, Subjects &subjects) {
  const auto [at, is_new] = subjects.try_emplace(kind);
  for (Index i = 0; is_new && i < count(context.program, kind); ++i)
    if (in_project(context, kind, i))
      at->second.push_back(i);
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
std::vector<Index> candidates(const Context &context, const Rule &rule, const Subjects &subjects) {
  static const Predicate *const by_trait = find_predicate(SubjectKind::call, "calls-any-with");
  const Condition *wanted = required(rule.when, by_trait);
  if (!wanted)
    return subjects.at(rule.applies_to);
  std::vector<Index> calls;
  for (Index function = 0; function < context.api_of.size(); ++function) {
    const ApiEntry *api = context.api_of[function];
    if (api && std::any_of(wanted->arguments.begin(), wanted->arguments.end(),
                           [&](const std::string &trait) { return api->has(trait); }))
      std::copy_if(context.calls_to[function].begin(), context.calls_to[function].end(), std::back_inserter(calls),
                   [&](Index call) { return in_project(context, SubjectKind::call, call); });
  }
  std::sort(calls.begin(), calls.end());
  return calls;
}

void run_check(const Context &context, const Rule &rule, const Subjects &subjects, const std::string &min_python,
               std::vector<Finding> &findings) {
  if (!rule.made_by.empty())
    return;
  for (const Index i : candidates(context, rule, subjects)) {
    Outcome outcome = evaluate(rule.when, context, i);
    if (!outcome.holds)
      continue;
    Described described = describe_subject(context, rule.applies_to, i);
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
    adjust_risk(context, rule, i, finding);
    findings.push_back(std::move(finding));
  }
}

} // namespace

void run_checks(const Context &context, const RuleSet &rules, const ClassifyOptions &options, CheckPass pass,
                std::vector<Finding> &findings) {
  const auto is_of_pass = [&](const Rule &rule) {
    return rule.applies_to != SubjectKind::allowance &&
           (rule.applies_to == SubjectKind::module) == (pass == CheckPass::modules);
  };
  Subjects subjects;
  for (const Rule &rule : rules.checks)
    if (is_of_pass(rule))
      add_subjects(context, rule.applies_to, subjects);
  std::vector<std::vector<Finding>> of_rules(rules.checks.size());
  for_each_parallel(rules.checks.size(), options.jobs, [&](std::size_t i) {
    if (is_of_pass(rules.checks[i]))
      run_check(context, rules.checks[i], subjects, options.min_python, of_rules[i]);
  });
  for (std::vector<Finding> &some : of_rules)
    std::move(some.begin(), some.end(), std::back_inserter(findings));
}

void check_allowances(const Context &context, const RuleSet &rules, const std::string &min_python,
                      std::vector<Finding> &findings) {
  Subjects subjects;
  add_subjects(context, SubjectKind::allowance, subjects);
  for (const Rule &rule : rules.checks)
    if (rule.applies_to == SubjectKind::allowance)
      run_check(context, rule, subjects, min_python, findings);
}

} // namespace ringfence
