// The predicates of type rules that hold of static types and type specs alike, or of static types alone.
#include <algorithm>
#include <array>

#include "classify/predicates/predicate.h"
#include "classify/predicates/standing.h"
#include "classify/predicates/type_slots.h"

namespace ringfence {

namespace {

// Bits of tp_flags, from object.h.
constexpr std::array<std::pair<std::string_view, int>, 5> flag_bits = {
    {{"DISALLOW_INSTANTIATION", 7}, {"IMMUTABLETYPE", 8}, {"HEAPTYPE", 9}, {"BASETYPE", 10}, {"HAVE_GC", 14}}};

bool is_static(const ProgramIndex &p, Index t, Word, Evidences &) { return p.program.types[t].is_static; }

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

bool is_member(const std::vector<Index> &all, Index function) {
  return std::find(all.begin(), all.end(), function) != all.end();
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
    if (!in_inventory(p.program.objects[o]) || !v.objects[o].holds_objects || v.objects[o].level != Level::module ||
        v.objects[o].writes == WriteClass::never)
      continue;
    for (Index i = p.accesses_of[o].first; i < p.accesses_of[o].last; ++i)
      if (is_member(functions, p.access(i).function)) {
        evidence.push_back(p.evidence(p.access(i), "uses " + v.objects[o].name));
        return true;
      }
  }
  return false;
}

constexpr Predicate type_rows[] = {
    {"functions-use-module-objects", Takes::nothing,
     "a function of its slots or methods uses a global that keeps an object of a module", functions_use_module_objects},
    {"static", Takes::nothing, "a PyTypeObject by value", is_static},
    {"sets", Takes::word, "sets this slot: \"tp_dealloc\", \"Py_tp_traverse\"", sets},
    {"has-flag", Takes::word, "has this flag: \"HAVE_GC\", \"BASETYPE\", \"IMMUTABLETYPE\", ...", has_flag},
};

} // namespace

std::span<const Predicate> type_predicates() { return type_rows; }

} // namespace ringfence
