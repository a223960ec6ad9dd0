#include "link/guards.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "facts/guard_kinds.h"

namespace ringfence {
namespace {

using Guards = std::vector<Guard>;

bool contains(const Guards &guards, const Guard &guard) {
  return std::find(guards.begin(), guards.end(), guard) != guards.end();
}

// What every call of a function holds. Nothing (no value): no call seen yet.
using Held = std::optional<Guards>;

// The meet in the lattice of lock sets: held ∩= site ∪ caller. Without a value `held` is the top. True where it shrank.
bool meet(Held &held, const Guards &site, const Guards &caller) {
  if (!held) {
    held = caller;
    for (const Guard &guard : site)
      if (!contains(*held, guard))
        held->push_back(guard);
    return true;
  }
  return std::erase_if(*held, [&](const Guard &guard) { return !contains(site, guard) && !contains(caller, guard); }) >
         0;
}

// A lock that hangs off a parameter or local variable has another meaning in the callee.
bool holds_in_callee(const Guard &guard) { return protects(guard) || guard.kind == Guard::Kind::main_interpreter; }

Guards of_process(const Guards &guards) {
  Guards result;
  for (const Guard &guard : guards)
    if (holds_in_callee(guard))
      result.push_back(guard);
  return result;
}

void prepend(Guards &guards, const Guards &outer) {
  Guards all = outer;
  for (Guard &guard : guards)
    if (!contains(outer, guard))
      all.push_back(std::move(guard));
  guards = std::move(all);
}

struct Site {
  Index caller = none;
  Guards guards;
};

} // namespace

bool runs_alone(const Program &program, Index function) {
  if (function == none)
    return false;
  const FunctionRoles &roles = program.roles[function];
  return roles.lifecycle && !roles.module_init && !roles.exec && roles.only_init();
}

void inherit_guards(Program &program, const CallGraph &graph) {
  const std::size_t count = program.functions.size();
  std::vector<unsigned> once(count);
  for (const Index use : graph.once_uses)
    ++once[program.function_uses[use].function];
  std::vector<bool> known(count); // all callers, where there are any
  for (Index i = 0; i < count; ++i) {
    const Function &function = program.functions[i];
    known[i] = function.defined && (!function.external_linkage || function.hidden) && graph.entries[i] == 0 &&
               (!graph.address_taken[i] || once[i] != 0);
  }
  std::vector<std::vector<Site>> sites(count);
  std::set<std::pair<Index, Index>> called_once; // caller and callee, where extraction saw which once calls
  for (const Call &call : program.calls) {
    if (call.callee >= count || !known[call.callee] || runs_alone(program, call.caller))
      continue;
    sites[call.callee].push_back({call.caller, of_process(call.guards)});
    if (std::any_of(call.guards.begin(), call.guards.end(), is_once))
      called_once.emplace(call.caller, call.callee);
  }
  for (const Index use : graph.once_uses) {
    const FunctionUse &given = program.function_uses[use];
    if (called_once.count({given.user, given.function}) == 0)
      sites[given.function].push_back({none, {Guard{Guard::Kind::once, given.callee, none, given.callee}}});
  }
  const auto all_callers_known = [&](Index function) { return known[function] && !sites[function].empty(); };

  // Greatest fixpoint: begin with no call seen, so that recursion is neutral, and take away until nothing changes.
  std::vector<Held> held(count);
  for (bool changed = true; changed;) {
    changed = false;
    for (Index function = 0; function < count; ++function) {
      if (!all_callers_known(function))
        continue;
      for (const Site &site : sites[function]) {
        const bool open = site.caller == none || !all_callers_known(site.caller);
        if (open)
          changed |= meet(held[function], site.guards, {});
        else if (held[site.caller])
          changed |= meet(held[function], site.guards, *held[site.caller]);
      }
    }
  }

  const auto apply = [&](auto &fact, Index function) {
    if (function != none && held[function] && !held[function]->empty())
      prepend(fact.guards, *held[function]);
  };
  for (Access &access : program.accesses)
    apply(access, access.function);
  for (Call &call : program.calls)
    apply(call, call.caller);
}

} // namespace ringfence
