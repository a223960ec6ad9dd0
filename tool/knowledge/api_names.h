// Names of Python's C API that have a structure of their own: init functions, members and slots by who calls the function
// in them, words of a module's claims.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "knowledge/slot_names.h"

namespace ringfence {

// Whether CPython's exported functions and objects begin so.
bool is_interpreter_name(std::string_view name);

// "PyInit_spam", "PyModExportU_spam" (PEP 489, PEP 793): the name of a module's init function, taken apart.
struct InitName {
  std::string_view module;
  bool exports_slots;
};
std::optional<InitName> init_name(std::string_view function);

// Who calls the function that stands in a member of a record of the API, or in a slot.
enum class CalledBy {
  nobody_known, // no such member
  python,       // Python code, at any time
  makers,       // what makes or walks an object that no other thread has, or that the collector has stopped; and what
                // looks attributes up, whose dictionary even CPython's own examples use without a lock
  destructors,  // what drops the last reference, at any time, and at the end
  end,          // of a module
  module_init,
  module_exec,
  anybody,
};
CalledBy caller_of_member(std::string_view record, std::string_view member);
CalledBy caller_of_slot(std::string_view slot);
// "tp_methods" of "Py_tp_methods".
std::string_view member_of_slot(std::string_view slot);

// Words of a module's claim in source text, and the slot that claims it.
inline constexpr std::pair<std::string_view, std::string_view> claim_words[] = {
    {slot::gil, slot::gil},
    {"PyUnstable_Module_SetGIL", slot::gil},
    {slot::multiple_interpreters, slot::multiple_interpreters}};

// Parts of conditions that differ between versions and builds of Python.
inline constexpr std::string_view version_words[] = {"PY_VERSION_HEX", "PY_MINOR_VERSION", "Py_GIL_DISABLED", "Py_mod_",
                                                     "Py_MOD_"};

} // namespace ringfence
