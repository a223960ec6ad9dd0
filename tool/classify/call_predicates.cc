// The predicates of call rules: what is called, from where, and what becomes of the result.
#include <algorithm>

#include "classify/check_predicates.h"

namespace ringfence {

namespace {

using Word = const std::string &;
using Evidences = std::vector<Evidence>;

std::string_view callee_name(const Context &c, Index i) {
  const Index callee = c.program.calls[i].callee;
  return callee < c.program.functions.size() ? std::string_view(c.program.functions[callee].name) : "";
}

bool calls(const Context &c, Index i, Word name, Evidences &evidence) {
  if (callee_name(c, i) != name)
    return false;
  evidence.push_back(c.evidence(c.program.calls[i], "calls " + name));
  return true;
}

bool calls_any_with(const Context &c, Index i, Word trait, Evidences &evidence) {
  const ApiEntry *api = c.callee_api(c.program.calls[i]);
  if (!api || !api->has(trait))
    return false;
  std::string text = "calls " + api->name + (api->note.empty() ? "" : ": " + api->note);
  // A function of Python may be too new for the project; the rule's own advice knows by version.
  const ApiEntry *other = c.tables.function(api->alternative);
  if (!api->alternative.empty() && (!other || other->since.empty()))
    text += "; instead: " + api->alternative;
  evidence.push_back(c.evidence(c.program.calls[i], std::move(text)));
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

bool result_passed(const Context &c, Index i, Word, Evidences &) {
  return c.program.calls[i].result == ResultUse::passed;
}

bool result_tested(const Context &c, Index i, Word, Evidences &) {
  return c.program.calls[i].result == ResultUse::tested;
}

bool caller_calls(const Context &c, Index i, Word name, Evidences &) {
  const Index caller = c.program.calls[i].caller;
  if (caller >= c.calls_of.size())
    return false;
  for (Index other = c.calls_of[caller].first; other < c.calls_of[caller].last; ++other)
    if (callee_name(c, other) == name)
      return true;
  return false;
}

// A method with the METH_METHOD convention is told its defining class.
bool caller_knows_class(const Context &c, Index i, Word, Evidences &) {
  const Index caller = c.program.calls[i].caller;
  if (caller >= c.program.functions.size())
    return false;
  const auto &types = c.program.functions[caller].parameter_types;
  return std::find(types.begin(), types.end(), "PyTypeObject *") != types.end();
}

constexpr Predicate table[] = {
    {"calls", Takes::word, "calls this function", calls},
    {"calls-any-with", Takes::trait, "calls a function that the tables give this trait", calls_any_with},
    {"in-python-callable", Takes::nothing, "stands in code that Python code can run", in_python_callable},
    {"in-exec", Takes::nothing, "stands in code that module init or an exec slot runs", in_exec},
    {"only-in-init", Takes::nothing, "stands in code that nothing but module init and exec slots runs",
     call_predicate::only_in_init},
    {"in-finalise", Takes::nothing, "stands in a deallocator, module clean-up or exit handler",
     call_predicate::in_finalise},
    {"callee-outside", Takes::nothing, "the function called is not of the program", call_predicate::callee_outside},
    {"result-passed", Takes::nothing, "its result is an argument of another call, so that nothing tested it",
     result_passed},
    {"caller-knows-class", Takes::nothing, "the calling function has a parameter for the defining class",
     caller_knows_class},
    {"result-tested", Takes::nothing, "its result is compared or decides a condition", result_tested},
    {"caller-calls", Takes::word, "the calling function calls this function, too", caller_calls},
    {"result-ignored", Takes::nothing, "nothing looks at the result", call_predicate::result_ignored},
    {"argument-is-null", Takes::number, "the argument at this position, from 0, is null or zero",
     call_predicate::argument_is_null},
    {"argument-is-global", Takes::number, "the argument at this position is the value of a global of the program",
     call_predicate::argument_is_global},
    {"argument-is-shared-member", Takes::number,
     "the argument at this position is the value of a member that threads share, and that other code changes",
     call_predicate::argument_is_shared_member},
    {"locked", Takes::nothing, "a lock is held, perhaps by all callers", call_predicate::locked},
    {"argument-holds-object", Takes::number, "the argument at this position is a global that leads to Python objects",
     call_predicate::argument_holds_object},
    {"argument-is-own-type", Takes::number,
     "the argument at this position is the address of a static type of the program",
     call_predicate::argument_is_own_type},
    {"argument-function-uses-python", Takes::nothing, "a function among the arguments leads to calls of the Python API",
     call_predicate::argument_function_uses_python},
    {"gil-released-around", Takes::nothing,
     "the caller has given the GIL away, and a function among the arguments takes it",
     call_predicate::gil_released_around},
    {"argument-is-multi-phase", Takes::number,
     "the argument at this position is the definition of a module that is initialised in several phases",
     call_predicate::argument_is_multi_phase},
    {"in-critical-section", Takes::nothing, "stands in a critical section", call_predicate::in_critical_section},
    {"under-blocking-lock", Takes::nothing, "stands under a lock whose waiters keep the GIL",
     call_predicate::under_blocking_lock},
    {"under-lock-or-once", Takes::nothing, "stands under a lock or once", call_predicate::under_lock_or_once},
};

} // namespace

std::span<const Predicate> call_predicates() { return table; }

} // namespace ringfence
