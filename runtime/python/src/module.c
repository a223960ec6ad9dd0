// ringfence._runtime: what the Python side of the runtime library needs of C.
#include "runtime_module.h"
#include "values.h"

static PyObject *heap_dealloc(PyObject *module, PyObject *type) {
  (void)module;
  PyTypeObject *cls = PyType_Check(type) ? (PyTypeObject *)type : NULL;
  return PyLong_FromVoidPtr(cls && cls->tp_flags & Py_TPFLAGS_HEAPTYPE ? (void *)(uintptr_t)cls->tp_dealloc : NULL);
}

static PyMethodDef type_methods[] = {
    {"heap_dealloc", heap_dealloc, METH_O,
     "heap_dealloc(type) -> address of its deallocator, 0 where it is no heap type"},
    {NULL, NULL, 0, NULL},
};

static int fill(PyObject *module) {
  PyMethodDef *const groups[] = {rf_interpreter_methods, rf_cycle_methods,  rf_watch_methods,
                                 rf_private_methods,     rf_value_methods,  rf_waiting_methods,
                                 rf_network_methods,     rf_interp_methods, type_methods};
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
    if (PyModule_AddFunctions(module, groups[i]) < 0)
      return -1;
  return rf_add_types(module);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, fill},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};
static struct PyModuleDef runtime_module = {PyModuleDef_HEAD_INIT, .m_name = "ringfence._runtime", .m_size = 0,
                                            .m_slots = slots};

PyMODINIT_FUNC PyInit__runtime(void) { return PyModuleDef_Init(&runtime_module); }
