// The predicates of call rules that look at arguments, guards and the caller's place in the program.
#include <algorithm>
#include <optional>

#include "classify/check_predicates.h"
#include "classify/locks_held.h"
#include "classify/object_predicates.h"
#include "classify/reach.h"
#include "classify/verdict.h"

namespace ringfence::call_predicate {

namespace {

using Word = const std::string &;
using Evidences = std::vector<Evidence>;

const CallArgument *argument(const Context &context, Index call, const std::string &position) {
  const auto &arguments = context.program.calls[call].arguments;
  const std::size_t at = std::stoul(position);
  return at < arguments.size() ? &arguments[at] : nullptr;
}

const Object *global(const Context &context, Index object) {
  return object < context.program.objects.size() ? &context.program.objects[object] : nullptr;
}

template <class Test> bool any_guard(const Context &context, Index call, Test test, Evidences &evidence) {
  for (const Guard &guard : context.program.calls[call].guards) {
    if (!test(guard))
      continue;
    evidence.push_back(context.evidence(context.program.calls[call], "under " + guard.api));
    return true;
  }
  return false;
}

bool leads_to(const Context &context, const Call &call, std::string_view trait) {
  const auto has = [&](const Call &each) {
    const ApiEntry *api = context.callee_api(each);
    if (api && api->has(trait))
      return true;
    const bool known = each.callee < context.program.functions.size();
    const std::string_view name = known ? std::string_view(context.program.functions[each.callee].name) : "";
    const KnownType *record = context.tables.type(name.substr(0, name.rfind("::"))); // of a constructor
    return record && record->has(trait);
  };
  return has(call) || (call.callee != none && find_call_from(context, call.callee, has));
}

// Whether the calling function has given the GIL away before this call, and not taken it back since.
bool gil_given_away(const Context &context, const Call &call) {
  if (call.caller >= context.calls_of.size())
    return false;
  bool given = false;
  for (Index i = context.calls_of[call.caller].first; i < context.calls_of[call.caller].last; ++i) {
    const Call &other = context.program.calls[i];
    if (other.location >= call.location || other.location.file != call.location.file)
      continue;
    if (leads_to(context, other, "gil-release"))
      given = true;
    else if (leads_to(context, other, "gil-restore"))
      given = false;
  }
  return given;
}

bool on_live_objects(const Context &context, Index function) {
  const FunctionRoles *roles = context.roles(function);
  return roles && roles->on_live_objects;
}

// Where code that runs on live objects changes the container that a member holds, or puts another in its place.
std::optional<Evidence> change_of_member(const Context &context, Index member) {
  for (Index i = context.accesses_of[member].first; i < context.accesses_of[member].last; ++i)
    if (const Access &access = context.access(i);
        access.kind == AccessKind::write && on_live_objects(context, access.function))
      return context.evidence(access, "replaced by others");
  for (const Index i : context.calls_with_member[member]) {
    const Call &call = context.program.calls[i];
    const ApiEntry *api = context.callee_api(call);
    if (api && api->has("changes-container") && on_live_objects(context, call.caller))
      return context.evidence(call, "changed by " + api->name);
  }
  return std::nullopt;
}

} // namespace

bool callee_outside(const Context &c, Index i, Word, Evidences &) {
  const Index callee = c.program.calls[i].callee;
  return callee < c.program.functions.size() &&
         (!c.program.functions[callee].defined || c.program.functions[callee].outside);
}

bool result_ignored(const Context &c, Index i, Word, Evidences &) {
  return c.program.calls[i].result == ResultUse::ignored;
}

bool argument_is_null(const Context &c, Index i, Word position, Evidences &) {
  const CallArgument *given = argument(c, i, position);
  return given && (given->kind == CallArgument::Kind::null ||
                   (given->kind == CallArgument::Kind::integer && given->integer == 0));
}

bool argument_is_global(const Context &c, Index i, Word position, Evidences &evidence) {
  const CallArgument *given = argument(c, i, position);
  const Object *object = given && given->kind == CallArgument::Kind::object ? global(c, given->target) : nullptr;
  if (!object || object->thread_local_storage || object->outside)
    return false;
  evidence.push_back(c.evidence(c.program.calls[i], object->name + " is a global"));
  return true;
}

// Of containers, those that other code changes or replaces.
bool argument_is_shared_member(const Context &c, Index i, Word position, Evidences &evidence) {
  const CallArgument *given = argument(c, i, position);
  if (!given || given->kind != CallArgument::Kind::member || !c.is_shared_member[given->target] ||
      !on_live_objects(c, c.program.calls[i].caller))
    return false;
  const Object &member = c.program.objects[given->target];
  const std::optional<Evidence> change = change_of_member(c, given->target);
  if (!change)
    return false;
  evidence.push_back(
      c.evidence(c.program.calls[i], member.record + "." + member.name + " is a member that all threads share"));
  evidence.push_back(*change);
  return true;
}

bool locked(const Context &c, Index i, Word, Evidences &) { return is_locked(c, c.program.calls[i]); }

bool argument_holds_object(const Context &c, Index i, Word position, Evidences &evidence) {
  const CallArgument *given = argument(c, i, position);
  const bool address =
      given && (given->kind == CallArgument::Kind::object_address || given->kind == CallArgument::Kind::object);
  const Object *object = address ? global(c, given->target) : nullptr;
  Evidences unused;
  if (!object || object->outside || !object_predicate::holds_object(c, given->target, {}, unused))
    return false;
  evidence.push_back(c.evidence(c.program.calls[i], object->name + " is a global of type " + object->type.spelling));
  return true;
}

bool argument_is_own_type(const Context &c, Index i, Word position, Evidences &evidence) {
  const CallArgument *given = argument(c, i, position);
  const bool address = given && given->kind == CallArgument::Kind::object_address;
  const Object *object = address ? global(c, given->target) : nullptr;
  if (!object || !in_inventory(*object) || object->outside || !object->type.type_by_value ||
      c.program.is_of_interpreter(object->location.file)) // they stay static
    return false;
  evidence.push_back(c.evidence(c.program.calls[i], object->name + " is a static type"));
  return true;
}

bool argument_function_uses_python(const Context &c, Index i, Word, Evidences &evidence) {
  for (const CallArgument &given : c.program.calls[i].arguments) {
    if (given.kind != CallArgument::Kind::function)
      continue;
    const Call *use = find_call_from(c, given.target, [&](const Call &call) { return uses_python(c, call); });
    if (!use)
      continue;
    evidence.push_back(c.evidence(*use, "calls " + c.program.functions[use->callee].name));
    return true;
  }
  return false;
}

bool gil_released_around(const Context &c, Index i, Word, Evidences &evidence) {
  const Call &call = c.program.calls[i];
  if (!gil_given_away(c, call))
    return false;
  for (const CallArgument &given : call.arguments) {
    if (given.kind != CallArgument::Kind::function)
      continue;
    const Call *take = find_call_from(c, given.target, [&](const Call &each) {
      return leads_to(c, each, "gilstate-attach") || leads_to(c, each, "gil-acquire");
    });
    if (!take)
      continue;
    evidence.push_back(c.evidence(*take, "takes the GIL, which the caller gave away"));
    return true;
  }
  return false;
}

bool argument_is_multi_phase(const Context &c, Index i, Word position, Evidences &evidence) {
  const CallArgument *given = argument(c, i, position);
  if (!given || given->kind != CallArgument::Kind::object_address)
    return false;
  for (const Module &module : c.program.modules) {
    if (module.definition != given->target || module.init != InitKind::multi_phase)
      continue;
    evidence.push_back({c.place(module.location), {}, "the module is initialised in several phases"});
    return true;
  }
  return false;
}

bool only_in_init(const Context &c, Index i, Word, Evidences &) {
  const FunctionRoles *roles = c.roles(c.program.calls[i].caller);
  return roles && roles->only_init();
}

bool in_finalise(const Context &c, Index i, Word, Evidences &) {
  const FunctionRoles *roles = c.roles(c.program.calls[i].caller);
  return roles && roles->finalise;
}

bool in_critical_section(const Context &c, Index i, Word, Evidences &) {
  const auto &guards = c.program.calls[i].guards;
  return std::any_of(guards.begin(), guards.end(),
                     [](const Guard &guard) { return guard.kind == Guard::Kind::critical_section; });
}

// A PyMutex gives the GIL away while it waits; the locks of the C and C++ libraries do not.
bool under_blocking_lock(const Context &c, Index i, Word, Evidences &evidence) {
  return any_guard(
      c, i,
      [&](const Guard &guard) {
        return guard.kind == Guard::Kind::spin || (guard.kind == Guard::Kind::mutex && !c.tables.detaches(guard.api));
      },
      evidence);
}

bool under_lock_or_once(const Context &c, Index i, Word, Evidences &evidence) {
  return any_guard(
      c, i,
      [](const Guard &guard) {
        return guard.kind == Guard::Kind::mutex || guard.kind == Guard::Kind::once || guard.kind == Guard::Kind::spin;
      },
      evidence);
}

} // namespace ringfence::call_predicate
