// Names of Python's API that a rewrite looks for in source text, where no table is at hand, and that it writes there.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

namespace ringfence::source_name {

// Functions and macros.
inline constexpr std::string_view makes_module[] = {"PyModule_Create2", "PyModule_Create2TraceRefs"};
inline constexpr std::string_view makes_reference[] = {"Py_INCREF", "Py_XINCREF"};
inline constexpr std::string_view gives_reference[] = {"Py_INCREF", "Py_XINCREF", "Py_NewRef", "Py_XNewRef"};
inline constexpr std::string_view drops_reference[] = {"Py_DECREF", "Py_XDECREF", "Py_CLEAR"};
inline constexpr std::string_view frees_object[] = {"PyObject_Del", "PyObject_GC_Del", "PyObject_Free",
                                                    "PyObject_FREE"};
inline constexpr std::string_view frees_collected = "PyObject_GC_Del";
inline constexpr std::string_view initialises_memory = "_Py_NewReference";
inline constexpr std::string_view adds_to_module = "PyModule_AddObject"; // and steals a reference
inline constexpr std::string_view readies_type = "PyType_Ready", sets_type = "Py_SET_TYPE";
inline constexpr std::string_view sets_gil = "PyUnstable_Module_SetGIL";

// Records and objects.
inline constexpr std::string_view protocol_tables[] = {"PyNumberMethods", "PySequenceMethods", "PyMappingMethods",
                                                       "PyAsyncMethods", "PyBufferProcs"};
inline constexpr std::string_view attribute_tables[] = {"PyMemberDef", "PyGetSetDef", "PyMethodDef"};
inline constexpr std::string_view type_of_types = "PyType_Type";

// Conditions for Pythons that are too old for what a rewrite makes.
inline constexpr std::string_view old_pythons[] = {"PY_MAJOR_VERSION", "0x03080000", "PyPy"};
inline constexpr std::string_view major_version = "PY_MAJOR_VERSION";

// Values of Py_mod_multiple_interpreters.
inline constexpr std::string_view denies_interpreters = "Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED",
                                  claims_own_gil = "Py_MOD_PER_INTERPRETER_GIL_SUPPORTED";

inline bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

} // namespace ringfence::source_name
