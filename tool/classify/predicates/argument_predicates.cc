// The predicates of call rules that look at arguments, guards and the caller's place in the program.
#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "classify/index/locks_held.h"
#include "classify/index/reach.h"
#include "classify/predicates/object_facts.h"
#include "classify/predicates/predicate.h"
#include "link/interpreter_files.h"

namespace ringfence {

namespace {

const CallArgument *argument(const ProgramIndex &index, Index call, const std::string &position) {
  const auto &arguments = index.program.calls[call].arguments;
  const std::size_t at = std::stoul(position);
  return at < arguments.size() ? &arguments[at] : nullptr;
}

const Object *global(const ProgramIndex &index, Index object) {
  return object < index.program.objects.size() ? &index.program.objects[object] : nullptr;
}

bool leads_to(const ProgramIndex &index, const Call &call, std::string_view trait) {
  const auto has = [&](const Call &each) {
    const ApiEntry *api = index.callee_api(each);
    if (api && api->has(trait))
      return true;
    const bool known = each.callee < index.program.functions.size();
    const std::string_view name = known ? std::string_view(index.program.functions[each.callee].name) : "";
    const KnownType *record = index.tables.type(name.substr(0, name.rfind("::"))); // of a constructor
    return record && record->has(trait);
  };
  return has(call) || (call.callee != none && find_call_from(index, call.callee, has));
}

// Whether the calling function has given the GIL away before this call, and not taken it back since.
bool gil_given_away(const ProgramIndex &index, const Call &call) {
  if (call.caller >= index.calls_of.size())
    return false;
  bool given = false;
  for (Index i = index.calls_of[call.caller].first; i < index.calls_of[call.caller].last; ++i) {
    const Call &other = index.program.calls[i];
    if (other.location >= call.location || other.location.file != call.location.file)
      continue;
    if (leads_to(index, other, "gil-release"))
      given = true;
    else if (leads_to(index, other, "gil-restore"))
      given = false;
  }
  return given;
}

bool on_live_objects(const ProgramIndex &index, Index function) {
  const FunctionRoles *roles = index.roles(function);
  return roles && roles->on_live_objects;
}

// Where code that runs on live objects changes the container that a member holds, puts another in its place, or gives it
// to Python code.
std::optional<Evidence> change_of_member(const ProgramIndex &index, Index member) {
  for (Index i = index.accesses_of[member].first; i < index.accesses_of[member].last; ++i)
    if (const Access &access = index.access(i);
        access.kind == AccessKind::write && on_live_objects(index, access.function))
      return index.evidence(access, "replaced by others");
  for (const Index i : index.calls_with_member[member]) {
    const Call &call = index.program.calls[i];
    const ApiEntry *api = index.callee_api(call);
    if (api && api->has("changes-container") && on_live_objects(index, call.caller))
      return index.evidence(call, "changed by " + api->name);
    if (api && api->has("returns-argument") && call.result == ResultUse::returned &&
        on_live_objects(index, call.caller))
      return index.evidence(call, "returned to Python code, which may change it");
  }
  return std::nullopt;
}

bool argument_is_null(const ProgramIndex &p, Index i, Word position, Evidences &) {
  const CallArgument *given = argument(p, i, position);
  return given && (given->kind == CallArgument::Kind::null ||
                   (given->kind == CallArgument::Kind::integer && given->integer == 0));
}

bool argument_is_global(const ProgramIndex &p, Index i, Word position, Evidences &evidence) {
  const CallArgument *given = argument(p, i, position);
  const Object *object = given && given->kind == CallArgument::Kind::object ? global(p, given->target) : nullptr;
  if (!object || object->thread_local_storage || object->outside)
    return false;
  evidence.push_back(p.evidence(p.program.calls[i], object->name + " is a global"));
  return true;
}

// Of containers, those that other code changes or replaces.
bool argument_is_shared_member(const ProgramIndex &p, Index i, Word position, Evidences &evidence) {
  const CallArgument *given = argument(p, i, position);
  if (!given || given->kind != CallArgument::Kind::member || !p.is_shared_member[given->target] ||
      !on_live_objects(p, p.program.calls[i].caller) ||
      is_interpreter_alone(p.program, p.program.calls[i].location.file))
    return false;
  const Object &member = p.program.objects[given->target];
  if (!p.tables.generator_of_name(&Generator::names, member.name).empty())
    return false; // of a frame that only one thread can run
  const std::optional<Evidence> change = change_of_member(p, given->target);
  if (!change)
    return false;
  evidence.push_back(
      p.evidence(p.program.calls[i], member.record + "." + member.name + " is a member that all threads share"));
  evidence.push_back(*change);
  return true;
}

bool argument_holds_object(const ProgramIndex &p, Index i, Word position, Evidences &evidence) {
  const CallArgument *given = argument(p, i, position);
  const bool address =
      given && (given->kind == CallArgument::Kind::object_address || given->kind == CallArgument::Kind::object);
  const Object *object = address ? global(p, given->target) : nullptr;
  Evidences unused;
  if (!object || object->outside || !holds_object(p, given->target, {}, unused))
    return false;
  evidence.push_back(p.evidence(p.program.calls[i], object->name + " is a global of type " + object->type.spelling));
  return true;
}

// What is given for a `void *`, in the words of extract/bodies/given_objects.h.
std::string_view word(const CallArgument &given) {
  const bool told = given.kind == CallArgument::Kind::other || given.kind == CallArgument::Kind::member;
  return told ? std::string_view(given.string) : "";
}
bool is_object(std::string_view word) { return word == "object"; }
bool leads_to_objects(std::string_view word) { return word == "objects" || word.starts_with("struct "); }

std::string described(std::string_view word) {
  return word == "object"    ? "it is given a Python object"
         : word == "objects" ? "it is given the address of pointers to Python objects"
                             : "it is given the address of a " + std::string(word) + ", which holds Python objects";
}

bool argument_is_python_object(const ProgramIndex &p, Index i, Word position, Evidences &evidence) {
  const CallArgument *given = argument(p, i, position);
  if (!given || !is_object(word(*given)))
    return argument_holds_object(p, i, position, evidence);
  evidence.push_back(p.evidence(p.program.calls[i], described(word(*given))));
  return true;
}

bool argument_leads_to_objects(const ProgramIndex &p, Index i, Word position, Evidences &evidence) {
  const CallArgument *given = argument(p, i, position);
  if (!given || !leads_to_objects(word(*given)))
    return false;
  evidence.push_back(p.evidence(p.program.calls[i], described(word(*given))));
  return true;
}

// An argument of a function with a trait: "message-bytes 1".
struct Goal {
  std::string_view trait;
  std::size_t position = 0;

  explicit Goal(std::string_view text) : trait(text.substr(0, text.find(' '))) {
    std::from_chars(text.data() + std::min(trait.size() + 1, text.size()), text.data() + text.size(), position);
  }
};

// The call by which a function, or what it calls, gives its parameter to the goal; null where none does.
const Call *handed_on(const ProgramIndex &p, Index function, std::size_t parameter, Goal goal,
                      std::set<std::pair<Index, std::size_t>> &seen) {
  if (function == none || !seen.emplace(function, parameter).second)
    return nullptr;
  const std::string value = "parameter " + std::to_string(parameter);
  for (Index i = p.calls_of[function].first; i < p.calls_of[function].last; ++i) {
    const Call &call = p.program.calls[i];
    const ApiEntry *api = p.callee_api(call);
    for (std::size_t at = 0; at < call.arguments.size(); ++at) {
      const std::string_view given = word(call.arguments[at]);
      if (given != value && given != "&" + value)
        continue;
      if (api && api->has(goal.trait) && at == goal.position)
        return &call;
      if (const Call *inner = handed_on(p, call.callee, at, goal, seen))
        return inner;
    }
  }
  return nullptr;
}

bool hands_on(const ProgramIndex &p, Index i, Word goal, bool (*wanted)(std::string_view), Evidences &evidence) {
  const Call &call = p.program.calls[i];
  for (std::size_t at = 0; at < call.arguments.size(); ++at) {
    std::set<std::pair<Index, std::size_t>> seen;
    const Call *last = wanted(word(call.arguments[at])) ? handed_on(p, call.callee, at, Goal(goal), seen) : nullptr;
    if (!last)
      continue;
    evidence.push_back(p.evidence(call, described(word(call.arguments[at]))));
    evidence.push_back(p.evidence(*last, "handed on to " + p.callee_api(*last)->name));
    return true;
  }
  return false;
}

bool hands_on_object(const ProgramIndex &p, Index i, Word goal, Evidences &evidence) {
  return hands_on(p, i, goal, is_object, evidence);
}

bool hands_on_objects(const ProgramIndex &p, Index i, Word goal, Evidences &evidence) {
  return hands_on(p, i, goal, leads_to_objects, evidence);
}

bool argument_is_own_type(const ProgramIndex &p, Index i, Word position, Evidences &evidence) {
  const CallArgument *given = argument(p, i, position);
  const bool address = given && given->kind == CallArgument::Kind::object_address;
  const Object *object = address ? global(p, given->target) : nullptr;
  if (!object || !in_inventory(*object) || object->outside || !object->type.type_by_value ||
      p.program.is_of_interpreter(object->location.file)) // they stay static
    return false;
  evidence.push_back(p.evidence(p.program.calls[i], object->name + " is a static type"));
  return true;
}

bool argument_function_uses_python(const ProgramIndex &p, Index i, Word, Evidences &evidence) {
  for (const CallArgument &given : p.program.calls[i].arguments) {
    if (given.kind != CallArgument::Kind::function)
      continue;
    const Call *use = find_call_from(p, given.target, [&](const Call &call) { return uses_python(p, call); });
    if (!use)
      continue;
    evidence.push_back(p.evidence(*use, "calls " + p.program.functions[use->callee].name));
    return true;
  }
  return false;
}

bool gil_released_around(const ProgramIndex &p, Index i, Word, Evidences &evidence) {
  const Call &call = p.program.calls[i];
  if (!gil_given_away(p, call))
    return false;
  for (const CallArgument &given : call.arguments) {
    if (given.kind != CallArgument::Kind::function)
      continue;
    const Call *take = find_call_from(p, given.target, [&](const Call &each) {
      return leads_to(p, each, "gilstate-attach") || leads_to(p, each, "gil-acquire");
    });
    if (!take)
      continue;
    evidence.push_back(p.evidence(*take, "takes the GIL, which the caller gave away"));
    return true;
  }
  return false;
}

bool argument_is_multi_phase(const ProgramIndex &p, Index i, Word position, Evidences &evidence) {
  const CallArgument *given = argument(p, i, position);
  if (!given || given->kind != CallArgument::Kind::object_address)
    return false;
  for (const Module &module : p.program.modules) {
    if (module.definition != given->target || module.init != InitKind::multi_phase)
      continue;
    evidence.push_back({p.place(module.location), {}, "the module is initialised in several phases"});
    return true;
  }
  return false;
}

constexpr Predicate argument_rows[] = {
    {"argument-is-null", Takes::number, "the argument at this position, from 0, is null or zero", argument_is_null},
    {"argument-is-global", Takes::number, "the argument at this position is the value of a global of the program",
     argument_is_global},
    {"argument-is-shared-member", Takes::number,
     "the argument at this position is the value of a member that threads share, and that other code changes",
     argument_is_shared_member},
    {"argument-holds-object", Takes::number, "the argument at this position is a global that leads to Python objects",
     argument_holds_object},
    {"argument-is-python-object", Takes::number,
     "the argument at this position, where `void *` is asked for, is a Python object, or a global that leads to some",
     argument_is_python_object},
    {"argument-leads-to-objects", Takes::number,
     "the argument at this position, where `void *` is asked for, points to pointers to Python objects, or to a struct "
     "that has some by its type",
     argument_leads_to_objects},
    {"hands-on-object", Takes::word,
     "one of the arguments is a Python object, and the function called, or what it calls, gives it to a function with "
     "this trait, as the argument at this position: \"message-bytes 1\"",
     hands_on_object},
    {"hands-on-objects", Takes::word, "likewise, of an argument that leads to Python objects", hands_on_objects},
    {"argument-is-own-type", Takes::number,
     "the argument at this position is the address of a static type of the program", argument_is_own_type},
    {"argument-function-uses-python", Takes::nothing, "a function among the arguments leads to calls of the Python API",
     argument_function_uses_python},
    {"gil-released-around", Takes::nothing,
     "the caller has given the GIL away, and a function among the arguments takes it", gil_released_around},
    {"argument-is-multi-phase", Takes::number,
     "the argument at this position is the definition of a module that is initialised in several phases",
     argument_is_multi_phase},
};

} // namespace

std::span<const Predicate> argument_predicates() { return argument_rows; }

} // namespace ringfence
