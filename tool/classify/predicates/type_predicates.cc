// The predicates of type rules: static types and type specs.
#include <algorithm>
#include <array>

#include "classify/index/reach.h"
#include "classify/predicates/predicate.h"
#include "classify/predicates/standing.h"
#include "knowledge/slot_names.h"

namespace ringfence {

namespace {

// Bits of tp_flags, from object.h.
constexpr std::array<std::pair<std::string_view, int>, 5> flag_bits = {
    {{"DISALLOW_INSTANTIATION", 7}, {"IMMUTABLETYPE", 8}, {"HEAPTYPE", 9}, {"BASETYPE", 10}, {"HAVE_GC", 14}}};

bool is_static(const ProgramIndex &p, Index t, Word, Evidences &) { return p.program.types[t].is_static; }

const Slot *find_slot(const ProgramIndex &p, Index t, std::string_view name) {
  for (const Slot &slot : p.program.types[t].slots)
    if (slot.name == name)
      return &slot;
  return nullptr;
}

bool sets(const ProgramIndex &p, Index t, Word name, Evidences &evidence) {
  const Slot *slot = find_slot(p, t, name);
  if (slot)
    evidence.push_back({p.place(slot->location), {}, "sets " + name});
  return slot != nullptr;
}

bool has_flag(const ProgramIndex &p, Index t, Word name, Evidences &) {
  return std::any_of(flag_bits.begin(), flag_bits.end(), [&](const auto &flag) {
    return flag.first == name && (p.program.types[t].flags >> flag.second & 1) != 0;
  });
}

// The project's own function in a slot; none where the slot is not set or holds one from elsewhere.
Index own_function(const ProgramIndex &p, Index t, std::string_view slot_name) {
  const Slot *slot = find_slot(p, t, slot_name);
  const bool own = slot && slot->function < p.program.functions.size() && p.program.functions[slot->function].defined;
  return own ? slot->function : none;
}

std::string_view callee_name(const ProgramIndex &p, const Call &call) {
  return call.callee < p.program.functions.size() ? std::string_view(p.program.functions[call.callee].name)
                                                  : std::string_view(call.pointer);
}

bool calls_with(const ProgramIndex &p, const Call &call, std::string_view trait) {
  return p.tables.has(callee_name(p, call), trait);
}

// The last call in a function for which a test holds; null where there is none.
template <class Test> const Call *last_call(const ProgramIndex &p, Index function, Test test) {
  const Call *last = nullptr;
  for (Index i = p.calls_of[function].first; i < p.calls_of[function].last; ++i)
    if (const Call &call = p.program.calls[i]; test(call) && (!last || last->location < call.location))
      last = &call;
  return last;
}

bool is_member(const std::vector<Index> &all, Index function) {
  return std::find(all.begin(), all.end(), function) != all.end();
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

Evidence at_function(const ProgramIndex &p, Index function, std::string text) {
  const Function &found = p.program.functions[function];
  return {p.place(found.location), found.name, std::move(text)};
}

bool traverse_misses_type(const ProgramIndex &p, Index t, Word, Evidences &evidence) {
  const Index traverse = own_function(p, t, slot::traverse);
  // The traverse function of a base, called from here, may do it.
  if (traverse == none ||
      find_call_from(p, traverse, [&](const Call &call) { return calls_with(p, call, "gives-type"); }))
    return false;
  evidence.push_back(at_function(p, traverse, "its traverse function never visits Py_TYPE(self)"));
  return true;
}

bool frees(const ProgramIndex &p, const Call &call) {
  return callee_name(p, call).ends_with("tp_free") || calls_with(p, call, "frees-object");
}

bool dealloc_keeps_type(const ProgramIndex &p, Index t, Word, Evidences &evidence) {
  const Index dealloc = own_function(p, t, slot::dealloc);
  const Call *freed =
      dealloc == none ? nullptr : last_call(p, dealloc, [&](const Call &call) { return frees(p, call); });
  if (!freed)
    return false;
  const Call *released =
      last_call(p, dealloc, [&](const Call &call) { return calls_with(p, call, "releases-object"); });
  if (released && freed->location < released->location)
    return false;
  evidence.push_back(p.evidence(*freed, "frees the instance and never releases its type afterwards"));
  return true;
}

// The functions in the slots of a static type, and in the tables that its slots name.
std::vector<Index> functions_of(const ProgramIndex &p, Index t) {
  std::vector<Index> all;
  for (const Slot &slot : p.program.types[t].slots) {
    if (slot.function != none)
      all.push_back(slot.function);
    if (slot.object >= p.initialisers_of.size())
      continue;
    for (Index i = p.initialisers_of[slot.object].first; i < p.initialisers_of[slot.object].last; ++i)
      if (p.program.initialisers[i].kind == InitialiserEntry::Kind::function)
        all.push_back(p.program.initialisers[i].target);
  }
  return all;
}

bool functions_use_module_objects(const ProgramIndex &p, const Verdicts &v, Index t, Word, Evidences &evidence) {
  const std::vector<Index> functions = functions_of(p, t);
  for (Index o = 0; o < v.objects.size(); ++o) {
    if (!v.objects[o].holds_objects || v.objects[o].level != Level::module || v.objects[o].writes == WriteClass::never)
      continue;
    for (Index i = p.accesses_of[o].first; i < p.accesses_of[o].last; ++i)
      if (is_member(functions, p.access(i).function)) {
        evidence.push_back(p.evidence(p.access(i), "uses " + v.objects[o].name));
        return true;
      }
  }
  return false;
}

bool created_without_base(const ProgramIndex &p, Index t, Word, Evidences &evidence) {
  return created(p, t, false, evidence);
}
bool created_with_base(const ProgramIndex &p, Index t, Word, Evidences &evidence) {
  return created(p, t, true, evidence);
}

constexpr Predicate table[] = {
    {"functions-use-module-objects", Takes::nothing,
     "a function of its slots or methods uses a global that keeps an object of a module", functions_use_module_objects},
    {"created-without-base", Takes::nothing, "a spec of which a type without a base is made", created_without_base},
    {"created-with-base", Takes::nothing, "a spec of which a type with a base is made", created_with_base},
    {"static", Takes::nothing, "a PyTypeObject by value", is_static},
    {"sets", Takes::word, "sets this slot: \"tp_dealloc\", \"Py_tp_traverse\"", sets},
    {"has-flag", Takes::word, "has this flag: \"HAVE_GC\", \"BASETYPE\", \"IMMUTABLETYPE\", ...", has_flag},
    {"traverse-misses-type", Takes::nothing, "its own Py_tp_traverse never asks for Py_TYPE(self)",
     traverse_misses_type},
    {"dealloc-keeps-type", Takes::nothing, "its own Py_tp_dealloc frees the instance and releases nothing afterwards",
     dealloc_keeps_type},
};

} // namespace

std::span<const Predicate> type_predicates() { return table; }

} // namespace ringfence
