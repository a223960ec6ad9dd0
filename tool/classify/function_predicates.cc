// The predicates of function rules.
#include "classify/check_predicates.h"

namespace ringfence {

namespace {

using Word = const std::string &;
using Evidences = std::vector<Evidence>;

template <bool FunctionRoles::*role> bool has_role(const Context &c, Index f, Word, Evidences &) {
  const FunctionRoles *roles = c.roles(f);
  return roles && roles->*role;
}

bool calls_any_with(const Context &c, Index f, Word trait, Evidences &evidence) {
  for (Index i = c.calls_of[f].first; i < c.calls_of[f].last; ++i) {
    const ApiEntry *api = c.callee_api(c.program.calls[i]);
    if (!api || !api->has(trait))
      continue;
    evidence.push_back(c.evidence(c.program.calls[i], "calls " + api->name));
    return true;
  }
  return false;
}

constexpr Predicate table[] = {
    {"python-callable", Takes::nothing, "Python code can run it", has_role<&FunctionRoles::python_callable>},
    {"in-exec", Takes::nothing, "an exec slot runs it", has_role<&FunctionRoles::exec>},
    {"in-module-init", Takes::nothing, "module init runs it", has_role<&FunctionRoles::module_init>},
    {"in-finalise", Takes::nothing, "a deallocator, module clean-up or exit handler runs it",
     has_role<&FunctionRoles::finalise>},
    {"calls-any-with", Takes::trait, "calls a function that the tables give this trait", calls_any_with},
    {"writes-object-at-risk", Takes::word, "writes an object whose risk under this profile is medium or high",
     function_predicate::writes_object_at_risk},
    {"in-guarded-module", Takes::nothing, "each module that leads to it refuses a second load",
     function_predicate::in_guarded_module},
    {"runs-under", Takes::trait, "a call of a function with this trait is given it, or one that leads to it",
     function_predicate::runs_under},
    {"name-begins", Takes::word, "its name begins with this", function_predicate::name_begins},
    {"generated-by", Takes::word, "stands in a file that this generator wrote", function_predicate::generated_by},
};

} // namespace

std::span<const Predicate> function_predicates() { return table; }

} // namespace ringfence
