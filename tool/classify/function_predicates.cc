// The predicates of function rules.
#include "classify/predicate.h"

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
    const Index callee = c.program.calls[i].callee;
    const ApiEntry *api = callee < c.program.functions.size() ? c.api(c.program.functions[callee].id) : nullptr;
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
};

} // namespace

std::span<const Predicate> function_predicates() { return table; }

} // namespace ringfence
