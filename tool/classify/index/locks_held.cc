#include "classify/index/locks_held.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "facts/guard_kinds.h"

namespace ringfence {

namespace {

constexpr std::size_t most_uses = 64; // to look at for one question

// CPython's convention for what must be called under the object's lock.
bool says_locked(std::string_view name) { return name.ends_with("_lock_held") || name.ends_with("_locked"); }

// A function, and which of its parameters leads to what is used, from 1; 0: unknown.
using UseBy = std::pair<Index, std::uint32_t>;

struct Callers {
  std::vector<UseBy> open; // that can come here with neither a lock nor a struct of their own
  bool held = false;       // some come with one
};

Callers callers_of(const ProgramIndex &index, UseBy use) {
  const auto [function, parameter] = use;
  Callers callers;
  std::vector<Index> direct; // callers
  const auto add = [&](const Call &call, bool gives_arguments) {
    const FunctionRoles *caller = index.roles(call.caller);
    if (!caller || !caller->on_live_objects)
      return; // no other thread is there
    const bool known = gives_arguments && parameter > 0 && parameter <= call.arguments.size();
    const CallArgument given = known ? call.arguments[parameter - 1] : CallArgument{};
    if (given.made || holds_lock(call.guards))
      callers.held = true;
    else
      callers.open.emplace_back(call.caller, given.parameter);
  };
  for (const Index i : index.calls_to[function]) {
    add(index.program.calls[i], true);
    direct.push_back(index.program.calls[i].caller);
  }
  for (const Index i : index.calls_by_way_to[function]) {
    const Call &call = index.program.calls[i];
    const bool hands_on = call.callee != none;
    if (!hands_on || std::find(direct.begin(), direct.end(), call.caller) == direct.end()) // else it is known how
      add(call, !hands_on);
  }
  return callers;
}

} // namespace

bool holds_lock(const std::vector<Guard> &guards) {
  return std::any_of(guards.begin(), guards.end(),
                     [](const Guard &guard) { return is_lock(guard.kind) || is_once(guard); });
}

bool locked_by_callers(const ProgramIndex &index, Index function, std::uint32_t parameter) {
  std::vector<UseBy> uses = {{function, parameter}}; // all must be locked by their callers
  bool held = false;                                 // not only by one another
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const FunctionRoles *roles = index.roles(uses[i].first);
    if (roles && says_locked(index.program.functions[uses[i].first].name)) {
      held = true;
      continue;
    }
    if (!roles || (roles->python_callable && roles->python_caller == none))
      return false;
    const Callers callers = callers_of(index, uses[i]);
    if (!callers.held && callers.open.empty())
      return false; // nobody is seen to call it
    held |= callers.held;
    for (const UseBy &caller : callers.open)
      if (std::find(uses.begin(), uses.end(), caller) == uses.end())
        uses.push_back(caller);
    if (uses.size() > most_uses)
      return false;
  }
  return held;
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
  return holds_lock(access.guards) || locked_by_callers(index, access.function, access.parameter);
}

bool is_locked(const ProgramIndex &index, const Call &call) {
  return holds_lock(call.guards) || locked_by_callers(index, call.caller);
}

} // namespace ringfence
