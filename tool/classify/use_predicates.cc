// What becomes of an object's value, over all its uses.
#include <algorithm>

#include "classify/escape.h"
#include "classify/object_predicates.h"

namespace ringfence::object_predicate {

namespace {

using Word = const std::string &;

bool is_constant(const StoredValue &stored) {
  return stored.kind == StoredValue::Kind::constant || stored.kind == StoredValue::Kind::null;
}

bool runs_later(const Context &context, const Access &access) {
  const FunctionRoles *roles = context.roles(access.function);
  return roles && !roles->only_init();
}

// Whether what a call is given is written twice at least, with constants: by a constructor and its class's destructor.
bool written_twice_behind(const Context &context, const Access &argument) {
  const auto callee = context.function_by_id.find(argument.callee);
  if (argument.kind != AccessKind::argument || callee == context.function_by_id.end())
    return false;
  return std::count_if(context.program.parameter_accesses.begin(), context.program.parameter_accesses.end(),
                       [&](const ParameterAccess &access) {
                         return access.function == callee->second && access.parameter == argument.argument &&
                                access.kind == AccessKind::write && is_constant(access.stored);
                       }) > 1;
}

// What the program gives to a function as it is, from a table or by its own address.
bool given_to(const Call &call, Index object) {
  return std::any_of(call.arguments.begin(), call.arguments.end(), [&](const CallArgument &argument) {
    const bool is_object =
        argument.kind == CallArgument::Kind::object || argument.kind == CallArgument::Kind::object_address;
    return is_object && argument.target == object;
  });
}

} // namespace

bool only_compared(const Context &c, Index o, Word, Evidences &evidence) {
  const Range range = c.accesses_of[o];
  const Access *shown = nullptr;
  for (Index i = range.first; i < range.last; ++i) {
    const Access &access = c.access(i);
    if (access.kind == AccessKind::write)
      continue;
    if (access.kind != AccessKind::read || !access.compared)
      return false;
    shown = &access;
  }
  if (shown)
    evidence.push_back(c.evidence(*shown, "compared, and never followed"));
  return shown != nullptr;
}

bool read_somewhere(const Context &c, Index o, Word, Evidences &evidence) {
  const Range range = c.accesses_of[o];
  for (Index i = range.first; i < range.last; ++i)
    if (c.access(i).kind == AccessKind::read) {
      evidence.push_back(c.evidence(c.access(i), "read here"));
      return true;
    }
  return false;
}

bool passed_with(const Context &c, Index o, Word trait, Evidences &evidence) {
  std::vector<Index> holders = {o};
  for (const Index entry : c.referred_by[o])
    holders.push_back(c.program.initialisers[entry].object);
  for (Index function = 0; function < c.api_of.size(); ++function) {
    if (!c.api_of[function] || !c.api_of[function]->has(trait))
      continue;
    for (const Index i : c.calls_to[function])
      for (const Index holder : holders)
        if (given_to(c.program.calls[i], holder)) {
          evidence.push_back(c.evidence(c.program.calls[i], "given to " + c.api_of[function]->name));
          return true;
        }
  }
  return false;
}

bool used_as_lock(const Context &c, Index o, Word, Evidences &evidence) {
  if (c.taken_as_lock[o] >= c.program.accesses.size())
    return false;
  const Access &use = c.access(c.taken_as_lock[o]);
  const auto guard =
      std::find_if(use.guards.begin(), use.guards.end(), [&](const Guard &held) { return held.object == o; });
  evidence.push_back(c.evidence(use, (guard->inferred ? "inferred: " : "") + guard->api + " takes it around this"));
  return true;
}

bool toggled(const Context &c, Index o, Word, Evidences &evidence) {
  const std::vector<Index> &sites = c.program.writes[o].sites;
  const auto plain = [&](Index site) { return is_constant(c.access(site).stored) && runs_later(c, c.access(site)); };
  const auto elsewhere = [&](Index site) { return c.access(site).function != c.access(sites.front()).function; };
  if (sites.size() < 2 || !std::all_of(sites.begin(), sites.end(), plain))
    return false;
  const auto other = std::find_if(sites.begin(), sites.end(), elsewhere);
  if (other == sites.end())
    return false;
  evidence.push_back(c.evidence(c.access(sites.front()), "set here"));
  evidence.push_back(c.evidence(c.access(*other), "and taken back, or set again, here"));
  return true;
}

bool taken_back(const Context &c, Index o, Word, Evidences &evidence) {
  const TypeFacts &type = c.program.objects[o].type;
  if (!type.scalar || type.pointer)
    return false;
  const std::vector<Index> &sites = c.program.writes[o].sites;
  if (!std::all_of(sites.begin(), sites.end(), [&](Index site) { return is_constant(c.access(site).stored); }))
    return false;
  for (const Index site : sites) {
    const Access &set = c.access(site);
    if (!set.tests_itself || !runs_later(c, set))
      continue;
    const bool back = written_twice_behind(c, set) || std::any_of(sites.begin(), sites.end(), [&](Index other) {
                        return c.access(other).function == set.function && c.access(other).location > set.location;
                      });
    if (!back)
      continue;
    evidence.push_back(c.evidence(set, "set where it was found unset, and taken back afterwards"));
    return true;
  }
  return false;
}

} // namespace ringfence::object_predicate
