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

// The slots that stages ask for.
namespace slot {
inline constexpr std::string_view create = "Py_mod_create", exec = "Py_mod_exec", gil = "Py_mod_gil",
                                  multiple_interpreters = "Py_mod_multiple_interpreters",
                                  state_size = "Py_mod_state_size", methods = "Py_mod_methods",
                                  state_functions = "Py_mod_state_", traverse = "Py_tp_traverse", clear = "Py_tp_clear",
                                  dealloc = "Py_tp_dealloc", finalize = "Py_tp_finalize", free = "Py_tp_free",
                                  members = "Py_tp_members", module_slots = "Py_mod_slots";
} // namespace slot

// A slot that holds another array of slots.
bool is_nested_slot(std::string_view slot);
// A slot that modules alone have.
bool is_module_slot(std::string_view slot);

// "Py_mod_exec", "Py_tp_methods"; the number in decimal where unknown.
std::string slot_name(SlotTable table, std::int64_t number);

// Record names of the arrays of slots.
bool is_slot_record(std::string_view record, SlotTable &table);

} // namespace ringfence
