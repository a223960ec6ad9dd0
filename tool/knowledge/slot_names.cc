#include "knowledge/slot_names.h"

namespace ringfence {
namespace {

// From 1: Include/typeslots.h.
// clang-format off
constexpr std::string_view type_slots[] = {
    "bf_getbuffer", "bf_releasebuffer", "mp_ass_subscript", "mp_length", "mp_subscript", "nb_absolute", "nb_add",
    "nb_and", "nb_bool", "nb_divmod", "nb_float", "nb_floor_divide", "nb_index", "nb_inplace_add", "nb_inplace_and",
    "nb_inplace_floor_divide", "nb_inplace_lshift", "nb_inplace_multiply", "nb_inplace_or", "nb_inplace_power",
    "nb_inplace_remainder", "nb_inplace_rshift", "nb_inplace_subtract", "nb_inplace_true_divide", "nb_inplace_xor",
    "nb_int", "nb_invert", "nb_lshift", "nb_multiply", "nb_negative", "nb_or", "nb_positive", "nb_power",
    "nb_remainder", "nb_rshift", "nb_subtract", "nb_true_divide", "nb_xor", "sq_ass_item", "sq_concat",
    "sq_contains", "sq_inplace_concat", "sq_inplace_repeat", "sq_item", "sq_length", "sq_repeat", "tp_alloc",
    "tp_base", "tp_bases", "tp_call", "tp_clear", "tp_dealloc", "tp_del", "tp_descr_get", "tp_descr_set", "tp_doc",
    "tp_getattr", "tp_getattro", "tp_hash", "tp_init", "tp_is_gc", "tp_iter", "tp_iternext", "tp_methods", "tp_new",
    "tp_repr", "tp_richcompare", "tp_setattr", "tp_setattro", "tp_str", "tp_traverse", "tp_members", "tp_getset",
    "tp_free", "nb_matrix_multiply", "nb_inplace_matrix_multiply", "am_await", "am_aiter", "am_anext",
    "tp_finalize", "am_send", "tp_vectorcall", "tp_token"};
// clang-format on

// From 1: Include/moduleobject.h; 5 and later as PEP 793 first numbered them.
// clang-format off
constexpr std::string_view module_slots[] = {
    "mod_create", "mod_exec", "mod_multiple_interpreters", "mod_gil", "mod_name", "mod_doc", "mod_state_size",
    "mod_methods", "mod_state_traverse", "mod_state_clear", "mod_state_free", "mod_token"};
// clang-format on

// From 84: what Python 3.15 numbers anew or adds (PEP 820).
// clang-format off
constexpr std::string_view common_slots[] = {
    "mod_create", "mod_exec", "mod_multiple_interpreters", "mod_gil", "bf_getbuffer", "bf_releasebuffer",
    "mp_ass_subscript", "mp_length", "slot_subslots", "tp_slots", "mod_slots", "tp_name", "tp_basicsize",
    "tp_extra_basicsize", "tp_itemsize", "tp_flags", "mod_name", "mod_doc", "mod_state_size", "mod_methods",
    "mod_state_traverse", "mod_state_clear", "mod_state_free", "tp_metaclass", "tp_module", "mod_abi", "mod_token"};
// clang-format on
constexpr std::int64_t first_common = 84;

template <std::size_t N> std::string_view at(const std::string_view (&names)[N], std::int64_t index) {
  return index >= 0 && index < static_cast<std::int64_t>(N) ? names[index] : std::string_view();
}

} // namespace

std::string slot_name(SlotTable table, std::int64_t number) {
  std::string_view name = at(common_slots, number - first_common);
  if (name.empty())
    name = table == SlotTable::module_def ? at(module_slots, number - 1) : at(type_slots, number - 1);
  return name.empty() ? std::to_string(number) : "Py_" + std::string(name);
}

bool is_nested_slot(std::string_view slot) {
  return slot == "Py_slot_subslots" || slot == "Py_tp_slots" || slot == slot::module_slots;
}

bool is_module_slot(std::string_view slot) { return slot.starts_with("Py_mod_"); }

bool is_slot_record(std::string_view record, SlotTable &table) {
  if (record == "PyModuleDef_Slot")
    table = SlotTable::module_def;
  else if (record == "PyType_Slot")
    table = SlotTable::type;
  else if (record == "PySlot")
    table = SlotTable::common;
  else
    return false;
  return true;
}

} // namespace ringfence
