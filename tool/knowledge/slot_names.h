// Numbers of slots to their names, from CPython's typeslots.h and moduleobject.h, and slots_generated.h of 3.15.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ringfence {

enum class SlotTable {
  module_def, // PyModuleDef_Slot: before 3.15 the numbers overlap with those of types
  type,       // PyType_Slot
  common,     // PySlot of 3.15: one numbering for both
};

// "Py_mod_exec", "Py_tp_methods"; the number in decimal where unknown.
std::string slot_name(SlotTable table, std::int64_t number);

// Record names of the arrays of slots.
bool is_slot_record(std::string_view record, SlotTable &table);

} // namespace ringfence
