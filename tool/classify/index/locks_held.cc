#include "classify/index/locks_held.h"

#include <algorithm>

#include "facts/guard_kinds.h"

namespace ringfence {

namespace {

constexpr unsigned most_callers_up = 4;

// CPython's convention for what must be called under the object's lock.
bool says_locked(std::string_view name) { return name.ends_with("_lock_held") || name.ends_with("_locked"); }

bool locked_by_callers(const ProgramIndex &index, Index function, unsigned levels) {
  const FunctionRoles *roles = index.roles(function);
  if (!roles)
    return false;
  if (says_locked(index.program.functions[function].name))
    return true;
  if (levels == 0 || (roles->python_callable && roles->python_caller == none))
    return false;
  bool called = false;
  for (const Index i : index.calls_to[function]) {
    const Call &call = index.program.calls[i];
    const FunctionRoles *caller = index.roles(call.caller);
    if (!caller || !caller->on_live_objects)
      continue; // no other thread is there
    called = true;
    if (!holds_lock(call.guards) && !locked_by_callers(index, call.caller, levels - 1))
      return false;
  }
  return called;
}

} // namespace

bool holds_lock(const std::vector<Guard> &guards) {
  return std::any_of(guards.begin(), guards.end(),
                     [](const Guard &guard) { return is_lock(guard.kind) || is_once(guard); });
}

bool locked_by_callers(const ProgramIndex &index, Index function) {
  return locked_by_callers(index, function, most_callers_up);
}

const LateUse *late_use(const ProgramIndex &index, Index object) {
  const std::vector<LateUse> &uses = index.program.late_uses;
  auto use = std::lower_bound(uses.begin(), uses.end(), object,
                              [](const LateUse &each, Index wanted) { return each.object < wanted; });
  for (; use != uses.end() && use->object == object; ++use)
    if (const FunctionRoles *roles = index.roles(use->function);
        roles && roles->on_live_objects && !locked_by_callers(index, use->function))
      return &*use;
  return nullptr;
}

bool is_locked(const ProgramIndex &index, const Access &access) {
  return holds_lock(access.guards) || locked_by_callers(index, access.function);
}

bool is_locked(const ProgramIndex &index, const Call &call) {
  return holds_lock(call.guards) || locked_by_callers(index, call.caller);
}

} // namespace ringfence
