#include "knowledge/api_names.h"

#include "base/text.h"

namespace ringfence {
namespace {

constexpr std::string_view init_prefixes[] = {"PyInit_", "PyInitU_"};
constexpr std::string_view export_prefixes[] = {"PyModExport_", "PyModExportU_"};
constexpr std::string_view slot_prefix = "Py_", module_slot_prefix = "Py_mod_";

} // namespace

bool is_interpreter_name(std::string_view name) { return name.starts_with("Py") || name.starts_with("_Py"); }

std::optional<InitName> init_name(std::string_view function) {
  function = function.substr(0, function.find('@')); // link/definitions.h
  for (const std::string_view prefix : init_prefixes)
    if (function.starts_with(prefix))
      return InitName{function.substr(prefix.size()), false};
  for (const std::string_view prefix : export_prefixes)
    if (function.starts_with(prefix))
      return InitName{function.substr(prefix.size()), true};
  return std::nullopt;
}

// Include/cpython/object.h, Include/methodobject.h, Include/descrobject.h, Include/moduleobject.h, Include/import.h
CalledBy caller_of_member(std::string_view record, std::string_view member) {
  if (is_any(member, {"tp_new", "tp_init", "tp_alloc", "tp_vectorcall", "tp_traverse", "tp_is_gc"}))
    return CalledBy::makers;
  if (is_any(member, {"tp_dealloc", "tp_finalize", "tp_free", "tp_del", "tp_clear"}))
    return CalledBy::destructors;
  if (member == "ml_meth" || starts_with_any(member, {"tp_", "nb_", "sq_", "mp_", "bf_", "am_"}))
    return CalledBy::python;
  if (record == "PyGetSetDef" && is_any(member, {"get", "set"}))
    return CalledBy::python;
  if (is_any(member, {"m_traverse", "m_clear", "m_free"}))
    return CalledBy::end;
  if (record == "_inittab" && member == "initfunc")
    return CalledBy::module_init;
  return CalledBy::nobody_known;
}

CalledBy caller_of_slot(std::string_view slot) {
  if (slot == slot::create)
    return CalledBy::module_init;
  if (slot == slot::exec)
    return CalledBy::module_exec;
  if (slot.starts_with(module_slot_prefix))
    return CalledBy::end;
  return slot.starts_with(slot_prefix) ? caller_of_member("PyTypeObject", member_of_slot(slot)) : CalledBy::anybody;
}

std::string_view member_of_slot(std::string_view slot) {
  return slot.substr(slot.starts_with(slot_prefix) ? slot_prefix.size() : 0);
}

} // namespace ringfence
