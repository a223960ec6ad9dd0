// Names of Python's API that a rewrite looks for in source text, where no table is at hand, and that it writes there.
#pragma once

#include <string_view>

namespace ringfence::source_name {

// Functions and macros.
inline constexpr std::string_view makes_module[] = {"PyModule_Create2", "PyModule_Create2TraceRefs"};
inline constexpr std::string_view imports_by_name[] = {"PyImport_ImportModule", "PyImport_ImportModuleLevel",
                                                       "PyImport_ImportModuleNoBlock"};
inline constexpr std::string_view makes_reference[] = {"Py_INCREF", "Py_XINCREF"};
inline constexpr std::string_view gives_reference[] = {"Py_INCREF", "Py_XINCREF", "Py_NewRef", "Py_XNewRef"};
inline constexpr std::string_view drops_reference[] = {"Py_DECREF", "Py_XDECREF", "Py_CLEAR"};
inline constexpr std::string_view drops = "DECREF"; // ends their names and those of what they stand for
inline constexpr std::string_view frees_object[] = {"PyObject_Del", "PyObject_GC_Del", "PyObject_Free",
                                                    "PyObject_FREE"};
inline constexpr std::string_view may_keep_object = "PyObject_CallFinalizerFromDealloc"; // calls a finaliser
inline constexpr std::string_view frees_collected = "PyObject_GC_Del";
inline constexpr std::string_view initialises_memory = "_Py_NewReference";
inline constexpr std::string_view adds_to_module = "PyModule_AddObject"; // and steals a reference
inline constexpr std::string_view readies_and_adds_type = "PyModule_AddType";
inline constexpr std::string_view has_attribute = "PyObject_HasAttr", type_of_object = "Py_TYPE(";
inline constexpr std::string_view gets_any_attribute = "PyObject_GenericGetAttr",
                                  sets_any_attribute = "PyObject_GenericSetAttr";
inline constexpr std::string_view readies_type = "PyType_Ready", sets_type = "Py_SET_TYPE";
inline constexpr std::string_view sets_gil = "PyUnstable_Module_SetGIL";

// Records and objects.
inline constexpr std::string_view protocol_tables[] = {"PyNumberMethods", "PySequenceMethods", "PyMappingMethods",
                                                       "PyAsyncMethods", "PyBufferProcs"};
inline constexpr std::string_view attribute_tables[] = {"PyMemberDef", "PyGetSetDef", "PyMethodDef"};
inline constexpr std::string_view object_pointer = "PyObject *";
inline constexpr std::string_view type_of_types = "PyType_Type";
inline constexpr std::string_view type_spec = "PyType_Spec", type_slot = "PyType_Slot",
                                  module_definition = "PyModuleDef", module_slot = "PyModuleDef_Slot";
inline constexpr std::string_view method_entry = "PyMethodDef", getset_entry = "PyGetSetDef";
inline constexpr std::string_view reached_tables[] = {method_entry, getset_entry, type_slot, module_slot};
inline constexpr std::string_view adds_functions = "PyModule_AddFunctions";

// Functions that make a type of a spec, and which argument of theirs is the module.
struct TypeMaker {
  std::string_view function;
  unsigned module;
};
inline constexpr TypeMaker type_makers[] = {{"PyType_FromModuleAndSpec", 0}, {"PyType_FromMetaclass", 1}};

// Slots of types by what their functions are called with: when the type may have lost its module, with the type first,
// with operands any of which is of the type.
inline constexpr std::string_view ending_slots[] = {"Py_tp_dealloc",       "Py_tp_traverse", "Py_tp_clear",
                                                    "Py_tp_finalize",      "Py_tp_free",     "Py_tp_del",
                                                    "Py_bf_releasebuffer", "Py_tp_is_gc"};
inline constexpr std::string_view making_slots[] = {"Py_tp_new", "Py_tp_alloc"};
inline constexpr std::string_view ternary_slots[] = {"Py_nb_power"};
inline constexpr std::string_view binary_slots[] = {"Py_nb_add",
                                                    "Py_nb_subtract",
                                                    "Py_nb_multiply",
                                                    "Py_nb_remainder",
                                                    "Py_nb_divmod",
                                                    "Py_nb_lshift",
                                                    "Py_nb_rshift",
                                                    "Py_nb_and",
                                                    "Py_nb_xor",
                                                    "Py_nb_or",
                                                    "Py_nb_floor_divide",
                                                    "Py_nb_true_divide",
                                                    "Py_nb_matrix_multiply"};

// Conditions for Pythons that are too old for what a rewrite makes.
inline constexpr std::string_view old_pythons[] = {"PY_MAJOR_VERSION", "0x03080000", "PyPy"};
inline constexpr std::string_view major_version = "PY_MAJOR_VERSION";

// Values of Py_mod_multiple_interpreters.
inline constexpr std::string_view denies_interpreters = "Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED",
                                  claims_own_gil = "Py_MOD_PER_INTERPRETER_GIL_SUPPORTED";

} // namespace ringfence::source_name
