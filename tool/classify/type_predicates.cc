// The predicates of type rules: static types and type specs.
#include <algorithm>

#include "classify/predicate.h"

namespace ringfence {

namespace {

using Word = const std::string &;
using Evidences = std::vector<Evidence>;

bool is_static(const Context &c, Index t, Word, Evidences &) { return c.program.types[t].is_static; }

bool sets(const Context &c, Index t, Word name, Evidences &evidence) {
  for (const Slot &slot : c.program.types[t].slots)
    if (slot.name == name) {
      evidence.push_back({c.place(slot.location), {}, "sets " + name});
      return true;
    }
  return false;
}

constexpr Predicate table[] = {
    {"static", Takes::nothing, "a PyTypeObject by value", is_static},
    {"sets", Takes::word, "sets this slot: \"tp_dealloc\", \"Py_tp_traverse\"", sets},
};

} // namespace

std::span<const Predicate> type_predicates() { return table; }

} // namespace ringfence
