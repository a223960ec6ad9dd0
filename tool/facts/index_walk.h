// Every index in every fact, named once: to translate facts from one numbering to another, or to see what they refer
// to.
#pragma once

#include <concepts>
#include <type_traits>

#include "facts/facts.h"

namespace ringfence {

// walk_indices(fact, visit) calls visit.file, visit.object or visit.function on each index of the fact that is not
// `none`. The fact may be const; the visitor then sees const indices.

template <class T, class Fact>
concept FactOf = std::same_as<std::remove_const_t<T>, Fact>;

void walk_file(auto &index, auto &visit) {
  if (index != none)
    visit.file(index);
}
void walk_object(auto &index, auto &visit) {
  if (index != none)
    visit.object(index);
}
void walk_function(auto &index, auto &visit) {
  if (index != none)
    visit.function(index);
}
void walk_guards(auto &guards, auto &visit) {
  for (auto &guard : guards)
    walk_object(guard.object, visit);
}

void walk_indices(FactOf<Object> auto &object, auto &visit) { walk_file(object.location.file, visit); }
void walk_indices(FactOf<Function> auto &function, auto &visit) { walk_file(function.location.file, visit); }
void walk_indices(FactOf<Diagnostic> auto &diagnostic, auto &visit) { walk_file(diagnostic.location.file, visit); }
void walk_indices(FactOf<Inactive> auto &inactive, auto &visit) { walk_file(inactive.location.file, visit); }

void walk_indices(FactOf<UnreadName> auto &named, auto &visit) {
  walk_object(named.object, visit);
  walk_file(named.location.file, visit);
}

void walk_indices(FactOf<StructMember> auto &member, auto &visit) {
  walk_object(member.object, visit);
  walk_file(member.location.file, visit);
}

void walk_indices(FactOf<LateUse> auto &use, auto &visit) {
  walk_object(use.object, visit);
  walk_function(use.function, visit);
  walk_file(use.location.file, visit);
}

void walk_indices(FactOf<Allowance> auto &allowance, auto &visit) {
  walk_file(allowance.location.file, visit);
  walk_object(allowance.object, visit);
}

void walk_indices(FactOf<ConstPoint> auto &point, auto &visit) {
  walk_object(point.object, visit);
  walk_file(point.location.file, visit);
}

void walk_indices(FactOf<InitialiserEntry> auto &entry, auto &visit) {
  walk_object(entry.object, visit);
  if (entry.kind == InitialiserEntry::Kind::object)
    walk_object(entry.target, visit);
  if (entry.kind == InitialiserEntry::Kind::function)
    walk_function(entry.target, visit);
  walk_file(entry.location.file, visit);
}

void walk_indices(FactOf<Access> auto &access, auto &visit) {
  walk_object(access.object, visit);
  walk_function(access.function, visit);
  for (auto &flag : access.tested)
    walk_object(flag, visit);
  walk_object(access.stored.object, visit);
  walk_guards(access.guards, visit);
  walk_file(access.location.file, visit);
}

void walk_indices(FactOf<Call> auto &call, auto &visit) {
  walk_function(call.caller, visit);
  walk_function(call.callee, visit);
  walk_object(call.pointer_object, visit);
  for (auto &argument : call.arguments) {
    if (argument.kind == CallArgument::Kind::object || argument.kind == CallArgument::Kind::object_address ||
        argument.kind == CallArgument::Kind::member)
      walk_object(argument.target, visit);
    if (argument.kind == CallArgument::Kind::function)
      walk_function(argument.target, visit);
  }
  walk_guards(call.guards, visit);
  walk_file(call.location.file, visit);
}

void walk_indices(FactOf<FunctionUse> auto &use, auto &visit) {
  walk_function(use.function, visit);
  walk_function(use.user, visit);
  walk_file(use.location.file, visit);
}

void walk_indices(FactOf<ParameterAccess> auto &access, auto &visit) {
  walk_function(access.function, visit);
  walk_object(access.stored.object, visit);
  walk_file(access.location.file, visit);
}

} // namespace ringfence
