// The predicates of type rules that hold of type specs: how their types are made, visited and freed.
#include <algorithm>

#include "classify/index/reach.h"
#include "classify/predicates/predicate.h"
#include "classify/predicates/type_slots.h"

namespace ringfence {

namespace {

template <class Test> bool any_entry(const ProgramIndex &p, Index table, Test test) {
  if (table >= p.initialisers_of.size())
    return false;
  const Range entries = p.initialisers_of[table];
  return std::any_of(p.program.initialisers.begin() + entries.first, p.program.initialisers.begin() + entries.last,
                     test);
}

template <class Test> bool any_entry(const ProgramIndex &p, Index t, std::string_view slot_name, Test test) {
  const Slot *slot = find_slot(p, t, slot_name);
  return slot && any_entry(p, slot->object, test);
}

bool calls_with(const ProgramIndex &p, const Call &call, std::string_view trait) {
  return p.tables.has(callee_name(p, call), trait);
}

// Whether the call of a type maker that has an access among its arguments gives a base.
bool gives_base(const ProgramIndex &p, const Access &access, const ApiEntry &maker) {
  if (maker.bases < 0)
    return false;
  const auto bases = static_cast<std::size_t>(maker.bases);
  for (Index i = p.calls_of[access.function].first; i < p.calls_of[access.function].last; ++i) {
    const Call &call = p.program.calls[i];
    const auto names_spec = [&](const CallArgument &argument) { return argument.target == access.object; };
    if (callee_name(p, call) == p.function_name(access.callee) &&
        std::any_of(call.arguments.begin(), call.arguments.end(), names_spec))
      return call.arguments.size() <= bases || call.arguments[bases].kind != CallArgument::Kind::null;
  }
  return true;
}

// Whether a type is made of the spec by a direct call, with or without a base.
bool created(const ProgramIndex &p, Index t, bool with_base, Evidences &evidence) {
  const Index spec = p.program.types[t].object;
  for (Index i = p.accesses_of[spec].first; i < p.accesses_of[spec].last; ++i) {
    const Access &access = p.access(i);
    if (access.kind != AccessKind::argument || access.function >= p.calls_of.size())
      continue;
    const ApiEntry *maker = p.tables.function(p.function_name(access.callee));
    if (!maker || !maker->has("type-from-spec") || gives_base(p, access, *maker) != with_base)
      continue;
    evidence.push_back(p.evidence(access, "made by " + maker->name + (with_base ? " with a base" : " without a base")));
    return true;
  }
  return false;
}

// PyType_GetSlot(type, Py_tp_free), as the limited API has it; the number is CPython's (typeslots.h).
bool asks_for_free(const ProgramIndex &p, const Call &call) {
  constexpr std::int64_t tp_free = 74;
  return calls_with(p, call, "gives-slot") && call.arguments.size() > 1 && call.arguments[1].integer == tp_free;
}

// Tests of calls, for first_call() and its kin.
auto frees(const ProgramIndex &p) {
  return [&p](const Call &call) {
    return callee_name(p, call).ends_with("tp_free") || calls_with(p, call, "frees-object") || asks_for_free(p, call);
  };
}
auto calls_with(const ProgramIndex &p, std::string_view trait) {
  return [&p, trait](const Call &call) { return calls_with(p, call, trait); };
}
auto releases(const ProgramIndex &p) { return calls_with(p, "releases-object"); }
auto untracks(const ProgramIndex &p) { return calls_with(p, "untracks-object"); }

Evidence at_function(const ProgramIndex &p, Index function, std::string text) {
  const Function &found = p.program.functions[function];
  return {p.place(found.location), found.name, std::move(text)};
}

bool traverse_misses_type(const ProgramIndex &p, Index t, Word, Evidences &evidence) {
  const Index traverse = own_function(p, t, slot::traverse);
  // The traverse function of a base, called from here, may do it.
  if (traverse == none || find_call_from(p, traverse, calls_with(p, "gives-type")))
    return false;
  evidence.push_back(at_function(p, traverse, "its traverse function never visits Py_TYPE(self)"));
  return true;
}

bool dealloc_keeps_type(const ProgramIndex &p, Index t, Word, Evidences &evidence) {
  const Index dealloc = own_function(p, t, slot::dealloc);
  const Call *freed = last_call(p, dealloc, frees(p));
  if (!freed)
    return false;
  const Call *released = last_call(p, dealloc, releases(p));
  if (released && freed->location < released->location)
    return false;
  evidence.push_back(p.evidence(*freed, "frees the instance and never releases its type afterwards"));
  return true;
}

bool is_whole(const ProgramIndex &p, Index t, Word, Evidences &) { return p.program.types[t].whole; }

// Whether its members are objects, by a table of members with one or by a deallocator that releases before it frees.
bool keeps_objects(const ProgramIndex &p, Index t, Word, Evidences &) {
  if (find_slot(p, t, slot::clear))
    return true;
  const Index dealloc = own_function(p, t, slot::dealloc);
  const Call *freed = last_call(p, dealloc, frees(p));
  const Call *released = first_call(p, dealloc, releases(p));
  if (released && (!freed || released->location < freed->location))
    return true;
  constexpr std::int64_t object = 6, object_ex = 16; // _Py_T_OBJECT, Py_T_OBJECT_EX: descrobject.h
  return any_entry(p, t, slot::members, [](const InitialiserEntry &entry) {
    return entry.kind == InitialiserEntry::Kind::integer && entry.path.ends_with(".type") &&
           (entry.integer == object || entry.integer == object_ex);
  });
}

bool drops_base_traverse(const ProgramIndex &p, Index t, Word, Evidences &evidence) {
  const Index traverse = own_function(p, t, slot::traverse);
  const Call *dropped = first_call(p, traverse, [&](const Call &call) {
    return call.result == ResultUse::ignored && call.pointer.ends_with("tp_traverse");
  });
  if (dropped)
    evidence.push_back(p.evidence(*dropped, "what the traverse function of the base returns is dropped"));
  return dropped != nullptr;
}

bool releases_while_tracked(const ProgramIndex &p, Index t, Word, Evidences &evidence) {
  const Index dealloc = own_function(p, t, slot::dealloc);
  const Call *freed = last_call(p, dealloc, frees(p));
  const Call *released = first_call(p, dealloc, releases(p));
  if (!freed || !released || freed->location < released->location)
    return false;
  const Call *untracked = first_call(p, dealloc, untracks(p));
  if (untracked ? untracked->location < released->location : find_call_from(p, dealloc, untracks(p)) != nullptr)
    return false;
  evidence.push_back(p.evidence(*released, "releases a member while the collector still visits the instance"));
  return true;
}

bool ends_with_module(const ProgramIndex &p, Index t, Word, Evidences &evidence) {
  for (const std::string_view name : {slot::dealloc, slot::clear, slot::finalize, slot::free}) {
    const Call *asks = first_call(p, own_function(p, t, name), [&](const Call &call) {
      return call.result != ResultUse::tested && gives_module(p, call);
    });
    if (!asks)
      continue;
    evidence.push_back(p.evidence(*asks, "asks for the module in " + std::string(name) + ", and does not test it"));
    return true;
  }
  return false;
}

// The exception that is set when a deallocator starts has to be set when it is done.
bool loses_exception(const ProgramIndex &p, Index t, Word, Evidences &evidence) {
  for (const std::string_view name : {slot::dealloc, slot::finalize}) {
    const Index function = own_function(p, t, name);
    const Call *runs = first_call(p, function, [&](const Call &call) {
      return (calls_with(p, call, "call-python") || calls_with(p, call, "runs-python")) &&
             !calls_with(p, call, "leaves-exception");
    });
    if (!runs || first_call(p, function, calls_with(p, "saves-exception")))
      continue;
    evidence.push_back(p.evidence(*runs, "runs Python code and saves no exception before"));
    return true;
  }
  return false;
}

// A project that is on its way from static types to heap types has both, by a macro.
bool has_static_twin(const ProgramIndex &p, Index t, Word, Evidences &evidence) {
  for (const TypeEntity &other : p.program.types)
    if (other.is_static && !other.name.empty() && other.name == p.program.types[t].name) {
      evidence.push_back({p.place(p.program.objects[other.object].location), {}, "the static type of this name"});
      return true;
    }
  return false;
}

bool name_lacks_module(const ProgramIndex &p, Index t, Word, Evidences &) {
  const std::string &name = p.program.types[t].name;
  return !name.empty() && name.find('.') == std::string::npos;
}

bool names_attribute(const ProgramIndex &p, Index t, Word word, Evidences &evidence) {
  for (const Slot &slot : p.program.types[t].slots)
    if (any_entry(p, slot.object, [&](const InitialiserEntry &entry) { return entry.string == word; })) {
      evidence.push_back({p.place(slot.location), {}, slot.name + " has an entry " + word});
      return true;
    }
  return false;
}

bool has_own_memory(const ProgramIndex &p, Index t, Word, Evidences &) {
  constexpr std::int64_t head = 2 * sizeof(void *); // PyObject, with the GIL
  return p.program.types[t].size > head;
}

bool created_without_base(const ProgramIndex &p, Index t, Word, Evidences &evidence) {
  return created(p, t, false, evidence);
}
bool created_with_base(const ProgramIndex &p, Index t, Word, Evidences &evidence) {
  return created(p, t, true, evidence);
}

constexpr Predicate spec_rows[] = {
    {"created-without-base", Takes::nothing, "a spec of which a type without a base is made", created_without_base},
    {"created-with-base", Takes::nothing, "a spec of which a type with a base is made", created_with_base},
    {"traverse-misses-type", Takes::nothing, "its own Py_tp_traverse never asks for Py_TYPE(self)",
     traverse_misses_type},
    {"dealloc-keeps-type", Takes::nothing, "its own Py_tp_dealloc frees the instance and releases nothing afterwards",
     dealloc_keeps_type},
    {"whole", Takes::nothing, "a spec whose flags and slots the source says", is_whole},
    {"keeps-objects", Takes::nothing, "its instances have members that are objects", keeps_objects},
    {"drops-base-traverse", Takes::nothing, "its own Py_tp_traverse drops what the base's returns",
     drops_base_traverse},
    {"releases-while-tracked", Takes::nothing,
     "its own Py_tp_dealloc releases a member before the collector has forgotten the instance", releases_while_tracked},
    {"ends-with-module", Takes::nothing,
     "a function that ends its instances asks for the module or its state, and does not test the answer",
     ends_with_module},
    {"loses-exception", Takes::nothing, "a function that ends its instances runs Python code and saves no exception",
     loses_exception},
    {"has-static-twin", Takes::nothing, "a static type has the same name, as in another configuration",
     has_static_twin},
    {"name-lacks-module", Takes::nothing, "its name has no module before it", name_lacks_module},
    {"names-attribute", Takes::word, "a table in its slots has an entry of this name", names_attribute},
    {"has-own-memory", Takes::nothing, "its instances are larger than the head of an object", has_own_memory},
};

} // namespace

std::span<const Predicate> spec_predicates() { return spec_rows; }

} // namespace ringfence
