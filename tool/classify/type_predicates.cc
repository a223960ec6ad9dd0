// The predicates of type rules: static types and type specs.
#include <algorithm>

#include "classify/check_predicates.h"

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
    {"flags-known", Takes::nothing, "its flags are a constant", type_predicate::flags_known},
    {"has-flag", Takes::word, "this flag is set: \"Py_TPFLAGS_HAVE_GC\"", type_predicate::has_flag},
    {"traverse-defined", Takes::nothing, "its Py_tp_traverse is a function of the program",
     type_predicate::traverse_defined},
    {"traverse-calls", Takes::trait, "its Py_tp_traverse leads to a call with this trait",
     type_predicate::traverse_calls},
    {"dealloc-defined", Takes::nothing, "its Py_tp_dealloc is a function of the program",
     type_predicate::dealloc_defined},
    {"dealloc-calls", Takes::trait, "its Py_tp_dealloc leads to a call with this trait", type_predicate::dealloc_calls},
};

} // namespace

std::span<const Predicate> type_predicates() { return table; }

} // namespace ringfence
