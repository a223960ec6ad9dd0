// The predicates of call rules: what is called, from where, and what becomes of the result.
#include <algorithm>

#include "classify/index/locks_held.h"
#include "classify/predicates/predicate.h"

namespace ringfence {

namespace {

std::string_view callee_name(const ProgramIndex &p, Index i) {
  const Index callee = p.program.calls[i].callee;
  return callee < p.program.functions.size() ? std::string_view(p.program.functions[callee].name) : "";
}

bool calls(const ProgramIndex &p, Index i, Word name, Evidences &evidence) {
  if (callee_name(p, i) != name)
    return false;
  evidence.push_back(p.evidence(p.program.calls[i], "calls " + name));
  return true;
}

bool calls_any_with(const ProgramIndex &p, Index i, Word trait, Evidences &evidence) {
  const ApiEntry *api = p.callee_api(p.program.calls[i]);
  if (!api || !api->has(trait))
    return false;
  std::string text = "calls " + api->name + (api->note.empty() ? "" : ": " + api->note);
  // A function of Python may be too new for the project; the rule's own advice knows by version.
  const ApiEntry *other = p.tables.function(api->alternative);
  if (!api->alternative.empty() && (!other || other->since.empty()))
    text += "; instead: " + api->alternative;
  evidence.push_back(p.evidence(p.program.calls[i], std::move(text)));
  return true;
}

bool in_python_callable(const ProgramIndex &p, Index i, Word, Evidences &) {
  const FunctionRoles *roles = p.roles(p.program.calls[i].caller);
  return roles && roles->python_callable;
}

bool in_exec(const ProgramIndex &p, Index i, Word, Evidences &) {
  const FunctionRoles *roles = p.roles(p.program.calls[i].caller);
  return roles && (roles->exec || roles->module_init);
}

bool result_passed(const ProgramIndex &p, Index i, Word, Evidences &) {
  return p.program.calls[i].result == ResultUse::passed;
}

bool result_tested(const ProgramIndex &p, Index i, Word, Evidences &) {
  return p.program.calls[i].result == ResultUse::tested;
}

bool caller_calls(const ProgramIndex &p, Index i, Word name, Evidences &) {
  const Index caller = p.program.calls[i].caller;
  if (caller >= p.calls_of.size())
    return false;
  for (Index other = p.calls_of[caller].first; other < p.calls_of[caller].last; ++other)
    if (callee_name(p, other) == name)
      return true;
  return false;
}

// A method with the METH_METHOD convention is told its defining class.
bool caller_knows_class(const ProgramIndex &p, Index i, Word, Evidences &) {
  const Index caller = p.program.calls[i].caller;
  if (caller >= p.program.functions.size())
    return false;
  const auto &types = p.program.functions[caller].parameter_types;
  return std::find(types.begin(), types.end(), "PyTypeObject *") != types.end();
}

template <class Test> bool any_guard(const ProgramIndex &index, Index call, Test test, Evidences &evidence) {
  for (const Guard &guard : index.program.calls[call].guards) {
    if (!test(guard))
      continue;
    evidence.push_back(index.evidence(index.program.calls[call], "under " + guard.api));
    return true;
  }
  return false;
}

bool callee_outside(const ProgramIndex &p, Index i, Word, Evidences &) {
  const Index callee = p.program.calls[i].callee;
  return callee < p.program.functions.size() &&
         (!p.program.functions[callee].defined || p.program.functions[callee].outside);
}

bool result_ignored(const ProgramIndex &p, Index i, Word, Evidences &) {
  return p.program.calls[i].result == ResultUse::ignored;
}

bool locked(const ProgramIndex &p, Index i, Word, Evidences &) { return is_locked(p, p.program.calls[i]); }

bool only_in_init(const ProgramIndex &p, Index i, Word, Evidences &) {
  const FunctionRoles *roles = p.roles(p.program.calls[i].caller);
  return roles && roles->only_init();
}

bool in_finalise(const ProgramIndex &p, Index i, Word, Evidences &) {
  const FunctionRoles *roles = p.roles(p.program.calls[i].caller);
  return roles && roles->finalise;
}

bool in_critical_section(const ProgramIndex &p, Index i, Word, Evidences &) {
  const auto &guards = p.program.calls[i].guards;
  return std::any_of(guards.begin(), guards.end(),
                     [](const Guard &guard) { return guard.kind == Guard::Kind::critical_section; });
}

// A PyMutex gives the GIL away while it waits; the locks of the C and C++ libraries do not.
bool under_blocking_lock(const ProgramIndex &p, Index i, Word, Evidences &evidence) {
  return any_guard(
      p, i,
      [&](const Guard &guard) {
        return guard.kind == Guard::Kind::spin || (guard.kind == Guard::Kind::mutex && !p.tables.detaches(guard.api));
      },
      evidence);
}

bool under_lock_or_once(const ProgramIndex &p, Index i, Word, Evidences &evidence) {
  return any_guard(
      p, i,
      [](const Guard &guard) {
        return guard.kind == Guard::Kind::mutex || guard.kind == Guard::Kind::once || guard.kind == Guard::Kind::spin;
      },
      evidence);
}

constexpr Predicate call_rows[] = {
    {"calls", Takes::word, "calls this function", calls},
    {"calls-any-with", Takes::trait, "calls a function that the tables give this trait", calls_any_with},
    {"in-python-callable", Takes::nothing, "stands in code that Python code can run", in_python_callable},
    {"in-exec", Takes::nothing, "stands in code that module init or an exec slot runs", in_exec},
    {"only-in-init", Takes::nothing, "stands in code that nothing but module init and exec slots runs", only_in_init},
    {"in-finalise", Takes::nothing, "stands in a deallocator, module clean-up or exit handler", in_finalise},
    {"callee-outside", Takes::nothing, "the function called is not of the program", callee_outside},
    {"result-passed", Takes::nothing, "its result is an argument of another call, so that nothing tested it",
     result_passed},
    {"caller-knows-class", Takes::nothing, "the calling function has a parameter for the defining class",
     caller_knows_class},
    {"result-tested", Takes::nothing, "its result is compared or decides a condition", result_tested},
    {"caller-calls", Takes::word, "the calling function calls this function, too", caller_calls},
    {"result-ignored", Takes::nothing, "nothing looks at the result", result_ignored},
    {"locked", Takes::nothing, "a lock is held, perhaps by all callers", locked},
    {"in-critical-section", Takes::nothing, "stands in a critical section", in_critical_section},
    {"under-blocking-lock", Takes::nothing, "stands under a lock whose waiters keep the GIL", under_blocking_lock},
    {"under-lock-or-once", Takes::nothing, "stands under a lock or once", under_lock_or_once},
};

} // namespace

std::span<const Predicate> call_predicates() { return call_rows; }

} // namespace ringfence
