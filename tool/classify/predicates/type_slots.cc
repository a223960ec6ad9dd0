#include "classify/predicates/type_slots.h"

namespace ringfence {

const Slot *find_slot(const ProgramIndex &index, Index type, std::string_view name) {
  for (const Slot &slot : index.program.types[type].slots)
    if (slot.name == name)
      return &slot;
  return nullptr;
}

Index own_function(const ProgramIndex &index, Index type, std::string_view slot_name) {
  const Slot *slot = find_slot(index, type, slot_name);
  const bool own =
      slot && slot->function < index.program.functions.size() && index.program.functions[slot->function].defined;
  return own ? slot->function : none;
}

} // namespace ringfence
