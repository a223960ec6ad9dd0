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

} // namespace

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
