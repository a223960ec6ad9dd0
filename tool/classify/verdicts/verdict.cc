#include "classify/verdicts/verdict.h"

#include <algorithm>
#include <functional>
#include <set>

#include "base/hash.h"
#include "base/parallel.h"
#include "classify/index/escape.h"
#include "classify/index/generator.h"
#include "classify/index/origin.h"
#include "classify/index/state_ways.h"
#include "classify/predicates/object_facts.h"
#include "classify/rules/evaluate.h"
#include "classify/rules/wording.h"
#include "classify/verdicts/guarded_state.h"
#include "classify/verdicts/struct_members.h"
#include "link/ranges.h"
#include "report/names.h"

namespace ringfence {

namespace {

// "foo", "a constant", "the result of PyDict_New": what a write stores, for people.
std::string stored_text(const ProgramIndex &index, const StoredValue &stored) {
  switch (stored.kind) {
  case StoredValue::Kind::nothing:
    return {};
  case StoredValue::Kind::null:
    return "null";
  case StoredValue::Kind::constant:
    return "a constant";
  case StoredValue::Kind::call:
    return "the result of " + std::string(stored.callee.empty() ? "a call" : index.function_name(stored.callee));
  case StoredValue::Kind::object:
    return std::string(stored.address ? "the address of " : "") +
           (stored.object < index.program.objects.size() ? index.program.objects[stored.object].name : "an object");
  case StoredValue::Kind::function:
    return "the address of a function";
  case StoredValue::Kind::parameter:
    return "a parameter";
  case StoredValue::Kind::expression:
    return "a computed value";
  }
  return {};
}

std::string write_text(const ProgramIndex &index, const Access &access) {
  if (access.kind == AccessKind::argument)
    return "passed to " +
           std::string(access.callee.empty() ? "a function pointer" : index.function_name(access.callee));
  if (access.kind == AccessKind::read_modify_write)
    return access.atomic ? "modified atomically" : "modified";
  const std::string value = stored_text(index, access.stored);
  std::string text = access.atomic ? "written atomically" : "written";
  if (!access.path.empty())
    text += " at " + access.path;
  return value.empty() ? text : text + " with " + value;
}

Protection protection_of(const ProgramIndex &index, Index at) {
  const Object &object = index.program.objects[at];
  const WriteSummary &summary = index.program.writes[at];
  if (object.thread_local_storage)
    return Protection::thread_local_storage;
  if (object.type.atomic)
    return Protection::atomic;
  if (!summary.all_guarded || summary.sites.empty())
    return Protection::none;
  const Access &first = index.access(summary.sites.front());
  if (first.guards.empty())
    return Protection::atomic;
  return first.guards.back().kind == Guard::Kind::once ? Protection::once : Protection::lock;
}

constexpr std::size_t shown_reads = 3; // places listed of each kind that proves nothing by itself

// Everything else that is known: escapes, readers that Python code can run, locks.
void add_circumstances(const ProgramIndex &index, Index at, std::vector<Evidence> &evidence) {
  const WriteSummary &summary = index.program.writes[at];
  for (const Index site : summary.escape_sites)
    evidence.push_back(index.evidence(index.access(site), describe_escape(index, index.access(site))));
  std::size_t readers = 0;
  for (Index i = index.accesses_of[at].first; i < index.accesses_of[at].last && readers < shown_reads; ++i) {
    const Access &access = index.access(i);
    const FunctionRoles *roles = index.roles(access.function);
    if (access.kind != AccessKind::read || !roles || !roles->python_callable)
      continue;
    evidence.push_back(index.evidence(access, "read in code that Python code can run"));
    ++readers;
  }
  for (const Index site : summary.sites)
    for (const Guard &guard : index.access(site).guards)
      evidence.push_back(
          index.evidence(index.access(site), "under " + guard.api + (guard.text.empty() ? "" : " of " + guard.text)));
}

void sort_unique(std::vector<Evidence> &evidence) {
  std::sort(evidence.begin(), evidence.end());
  evidence.erase(std::unique(evidence.begin(), evidence.end()), evidence.end());
}

void declare(const ProgramIndex &index, Index at, ReportedObject &reported) {
  const Object &object = index.program.objects[at];
  reported.subject = index.subject(object);
  reported.name = object.name;
  reported.place = index.place(object.location);
  reported.type = object.type.spelling;
  reported.object_words = object.type.object_words;
  reported.storage = object.storage;
  reported.thread_local_storage = object.thread_local_storage;
  reported.generated_by = generator_of(index, at);
  reported.macro = object.macro;
  reported.origin = origin_of(index, at);
  reported.configs = object.configs;
  reported.writes = index.program.writes[at].writes;
  reported.guard = protection_of(index, at);
  std::vector<Evidence> unused;
  reported.holds_objects = holds_object(index, at, {}, unused);
  for (const Index site : index.program.writes[at].sites)
    reported.write_sites.push_back(index.evidence(index.access(site), write_text(index, index.access(site))));
  sort_unique(reported.write_sites);
}

// What remedies of its rule may be for it alone.
std::string_view whose(const ProgramIndex &index, Index at) {
  if (index.program.is_of_interpreter(index.program.objects[at].location.file))
    return "core";
  for (const Access &access : accesses_of(index.program, at)) {
    if (access.kind != AccessKind::argument || access.callee.empty())
      continue;
    const auto callee = index.function_by_id.find(access.callee);
    if (callee == index.function_by_id.end() || !index.program.functions[callee->second].defined)
      return "foreign-argument";
  }
  return {};
}

void judge(const ProgramIndex &index, Index at, const Rule &rule, std::vector<Evidence> proof,
           ReportedObject &reported) {
  reported.verdict = rule.verdict;
  reported.kind = rule.kind;
  reported.level = rule.level;
  reported.risk = rule.risk;
  for (const Adjustment &adjustment : rule.adjust) {
    Outcome outcome = evaluate(adjustment.when, index, at);
    if (!outcome.holds)
      continue;
    for (const auto &[profile, risk] : adjustment.risk)
      reported.risk[static_cast<std::size_t>(profile)] = risk;
    reported.risk_note += (reported.risk_note.empty() ? "" : "; ") + adjustment.note;
    proof.insert(proof.end(), outcome.evidence.begin(), outcome.evidence.end());
  }
  reported.rule = rule.full_name();
  reported.fingerprint = object_fingerprint(rule.code, reported.subject, reported.kind);
  reported.evidence = std::move(proof);
  reported.evidence.insert(reported.evidence.end(), reported.write_sites.begin(), reported.write_sites.end());
  add_circumstances(index, at, reported.evidence);
  // What decided stays first, each fact stands once.
  std::vector<Evidence> once;
  once.reserve(reported.evidence.size()); // so that `seen` may refer to its elements
  std::set<std::reference_wrapper<const Evidence>, std::less<Evidence>> seen;
  for (Evidence &fact : reported.evidence) {
    once.push_back(std::move(fact));
    if (!seen.insert(once.back()).second)
      once.pop_back();
  }
  reported.evidence = std::move(once);
  reported.message = fill(rule.message, naming_of(reported.subject, reported.name, reported.type), reported.evidence);
}

// What to do, for the oldest Python of the project and the way on which the object's users are called.
void advise(const ProgramIndex &index, Index at, const Rule &rule, const RuleSet &rules, const StateWays &ways,
            const std::string &min_python, ReportedObject &reported) {
  Naming naming = naming_of(reported.subject, reported.name, reported.type);
  naming.ways = rules.ways_text(ways.of(at), min_python);
  const auto &modules = index.attribution.modules_of_object[at];
  naming.module = modules.empty() ? std::string() : last_name(index.program.modules[modules.front()].name);
  reported.advice = fill(rule.advice(min_python, whose(index, at)), naming, reported.evidence);
}

} // namespace

std::string object_fingerprint(std::string_view rule_code, const Subject &subject, const std::string &kind) {
  return hash_hex(std::string(rule_code) + "\n" + subject.id() + "\n" + kind);
}

std::vector<ReportedObject> give_verdicts(const ProgramIndex &index, const RuleSet &rules,
                                          const ClassifyOptions &options) {
  std::vector<ReportedObject> objects(index.program.objects.size());
  const StateWays ways(index);
  for_each_parallel(objects.size(), options.jobs, [&](std::size_t number) {
    const auto i = static_cast<Index>(number);
    declare(index, i, objects[i]);
    if (index.program.objects[i].storage == Storage::member)
      return; // findings speak of them
    for (const Rule &rule : rules.verdicts) {
      Outcome outcome = evaluate(rule.when, index, i);
      if (!outcome.holds)
        continue;
      judge(index, i, rule, std::move(outcome.evidence), objects[i]);
      advise(index, i, rule, rules, ways, options.min_python, objects[i]);
      break;
    }
  });
  lower_guarded_state(index, objects);
  lower_uncalled_state(index, objects);
  join_struct_members(index, objects);
  return objects;
}

} // namespace ringfence
