// The predicates of call rules: what is called, from where, and what becomes of the result.
#include "classify/predicate.h"

namespace ringfence {

namespace {

using Word = const std::string &;
using Evidences = std::vector<Evidence>;

const std::string no_function;

const std::string &callee_id(const Context &c, Index i) {
  const Index callee = c.program.calls[i].callee;
  return callee < c.program.functions.size() ? c.program.functions[callee].id : no_function;
}

bool calls(const Context &c, Index i, Word name, Evidences &evidence) {
  if (c.function_name(callee_id(c, i)) != name)
    return false;
  evidence.push_back(c.evidence(c.program.calls[i], "calls " + name));
  return true;
}

bool calls_any_with(const Context &c, Index i, Word trait, Evidences &evidence) {
  const ApiEntry *api = c.api(callee_id(c, i));
  if (!api || !api->has(trait))
    return false;
  evidence.push_back(
      c.evidence(c.program.calls[i], "calls " + api->name + (api->note.empty() ? "" : ": " + api->note)));
  return true;
}

bool in_python_callable(const Context &c, Index i, Word, Evidences &) {
  const FunctionRoles *roles = c.roles(c.program.calls[i].caller);
  return roles && roles->python_callable;
}

bool in_exec(const Context &c, Index i, Word, Evidences &) {
  const FunctionRoles *roles = c.roles(c.program.calls[i].caller);
  return roles && (roles->exec || roles->module_init);
}

constexpr Predicate table[] = {
    {"calls", Takes::word, "calls this function", calls},
    {"calls-any-with", Takes::trait, "calls a function that the tables give this trait", calls_any_with},
    {"in-python-callable", Takes::nothing, "stands in code that Python code can run", in_python_callable},
    {"in-exec", Takes::nothing, "stands in code that module init or an exec slot runs", in_exec},
};

} // namespace

std::span<const Predicate> call_predicates() { return table; }

} // namespace ringfence
