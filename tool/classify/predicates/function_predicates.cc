// The predicates of function rules.
#include <algorithm>

#include "base/text.h"
#include "classify/index/generator.h"
#include "classify/index/load_guards.h"
#include "classify/index/reach.h"
#include "classify/predicates/predicate.h"
#include "classify/predicates/standing.h"

namespace ringfence {

namespace {

template <bool FunctionRoles::*role> bool has_role(const ProgramIndex &p, Index f, Word, Evidences &) {
  const FunctionRoles *roles = p.roles(f);
  return roles && roles->*role;
}

bool function_calls_any_with(const ProgramIndex &p, Index f, Word trait, Evidences &evidence) {
  for (Index i = p.calls_of[f].first; i < p.calls_of[f].last; ++i) {
    const ApiEntry *api = p.callee_api(p.program.calls[i]);
    if (!api || !api->has(trait))
      continue;
    evidence.push_back(p.evidence(p.program.calls[i], "calls " + api->name));
    return true;
  }
  return false;
}

bool writes_object_of(const ProgramIndex &p, const Verdicts &v, Index f, Word profile, Risk least,
                      Evidences &evidence) {
  const auto found = std::find_if(p.written_by[f].begin(), p.written_by[f].end(),
                                  [&](Index object) { return at_risk(p, v, object, profile, least); });
  if (found == p.written_by[f].end())
    return false;
  const std::vector<Index> &sites = p.program.writes[*found].sites;
  const auto site = std::find_if(sites.begin(), sites.end(), [&](Index i) { return p.access(i).function == f; });
  evidence.push_back(
      p.evidence(p.access(*site), v.objects[*found].subject.name + ", " + with_article(v.objects[*found].verdict)));
  return true;
}

bool writes_object_at_risk(const ProgramIndex &p, const Verdicts &v, Index f, Word profile, Evidences &evidence) {
  return writes_object_of(p, v, f, profile, Risk::high, evidence) ||
         writes_object_of(p, v, f, profile, Risk::medium, evidence);
}

bool writes_object_at_high_risk(const ProgramIndex &p, const Verdicts &v, Index f, Word profile, Evidences &evidence) {
  return writes_object_of(p, v, f, profile, Risk::high, evidence);
}

bool runs_under(const ProgramIndex &p, Index f, Word trait, Evidences &evidence) {
  for (const Index i : p.callback_calls) {
    const Call &call = p.program.calls[i];
    const ApiEntry *api = p.callee_api(call);
    if (!api->has(trait))
      continue;
    for (const CallArgument &given : call.arguments)
      if (given.kind == CallArgument::Kind::function &&
          (given.target == f || find_call_from(p, given.target, [&](const Call &each) { return each.callee == f; }))) {
        evidence.push_back(p.evidence(call, "runs under " + api->name));
        return true;
      }
  }
  return false;
}

bool function_name_begins(const ProgramIndex &p, Index f, Word prefix, Evidences &) {
  return p.program.functions[f].name.starts_with(prefix);
}

bool function_generated_by(const ProgramIndex &p, Index f, Word generator, Evidences &) {
  return generator_of_file(p, p.program.functions[f].location.file) == generator;
}

bool in_guarded_module(const ProgramIndex &p, Index f, Word, Evidences &) {
  bool some = false;
  for (Index module = 0; module < p.program.modules.size(); ++module) {
    const std::vector<Index> &functions = p.attribution.functions_of_module[module];
    if (!std::binary_search(functions.begin(), functions.end(), f))
      continue;
    if (!refuses_second_load(p, module))
      return false;
    some = true;
  }
  return some;
}

constexpr Predicate function_rows[] = {
    {"python-callable", Takes::nothing, "Python code can run it", has_role<&FunctionRoles::python_callable>},
    {"in-exec", Takes::nothing, "an exec slot runs it", has_role<&FunctionRoles::exec>},
    {"in-module-init", Takes::nothing, "module init runs it", has_role<&FunctionRoles::module_init>},
    {"in-finalise", Takes::nothing, "a deallocator, module clean-up or exit handler runs it",
     has_role<&FunctionRoles::finalise>},
    {"calls-any-with", Takes::trait, "calls a function that the tables give this trait", function_calls_any_with},
    {"writes-object-at-risk", Takes::word, "writes an object whose risk under this profile is medium or high",
     writes_object_at_risk},
    {"writes-object-at-high-risk", Takes::word, "writes an object whose risk under this profile is high",
     writes_object_at_high_risk},
    {"in-guarded-module", Takes::nothing, "each module that leads to it refuses a second load", in_guarded_module},
    {"runs-under", Takes::trait, "a call of a function with this trait is given it, or one that leads to it",
     runs_under},
    {"name-begins", Takes::word, "its name begins with this", function_name_begins},
    {"generated-by", Takes::word, "stands in a file that this generator wrote", function_generated_by},
};

} // namespace

std::span<const Predicate> function_predicates() { return function_rows; }

} // namespace ringfence
