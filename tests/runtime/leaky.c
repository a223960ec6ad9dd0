// Types whose deallocators give their type's reference back, and types whose do not.
#include <Python.h>

typedef struct {
  PyObject_HEAD
} plain_object;

static void keeps(PyObject *self) { Py_TYPE(self)->tp_free(self); }
static void gives_back(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

static PyType_Slot tight_slots[] = {{Py_tp_dealloc, gives_back}, {0, NULL}};
static PyType_Slot leaky_slots[] = {{Py_tp_dealloc, keeps}, {0, NULL}};
static PyType_Spec tight_spec = {"leaky.Tight", sizeof(plain_object), 0, Py_TPFLAGS_DEFAULT, tight_slots};
static PyType_Spec leaky_spec = {"leaky.Leaky", sizeof(plain_object), 0, Py_TPFLAGS_DEFAULT, leaky_slots};

// A container whose iterator, a type without a name, leaks.
static PyObject *new_iterator(PyObject *self) {
  PyObject *type = PyObject_GetAttrString((PyObject *)Py_TYPE(self), "iterator");
  PyObject *made = type ? PyObject_CallNoArgs(type) : NULL;
  Py_XDECREF(type);
  return made;
}
static PyObject *next(PyObject *self) {
  (void)self;
  return NULL;
}
static int needs_two(PyObject *self, PyObject *args, PyObject *keywords) {
  (void)self, (void)keywords;
  return PyArg_ParseTuple(args, "OO", &args, &args) ? 0 : -1;
}
static PyType_Slot iterator_slots[] = {
    {Py_tp_dealloc, keeps}, {Py_tp_iter, PyObject_SelfIter}, {Py_tp_iternext, next}, {0, NULL}};
static PyType_Slot box_slots[] = {{Py_tp_dealloc, gives_back}, {Py_tp_iter, new_iterator}, {0, NULL}};
static PyType_Slot shy_slots[] = {{Py_tp_dealloc, keeps}, {Py_tp_init, needs_two}, {0, NULL}};
static PyType_Spec iterator_spec = {"leaky.Hidden", sizeof(plain_object), 0, Py_TPFLAGS_DEFAULT, iterator_slots};
static PyType_Spec box_spec = {"leaky.Box", sizeof(plain_object), 0, Py_TPFLAGS_DEFAULT, box_slots};
static PyType_Spec shy_spec = {"leaky.Shy", sizeof(plain_object), 0, Py_TPFLAGS_DEFAULT, shy_slots};

static int add(PyObject *module, PyType_Spec *spec, const char *name) {
  PyObject *type = PyType_FromSpec(spec);
  return type && PyModule_AddObject(module, name, type) == 0 ? 0 : -1;
}

static int leaky_exec(PyObject *module) {
  PyObject *iterator = PyType_FromSpec(&iterator_spec), *box = PyType_FromSpec(&box_spec);
  if (!iterator || !box || PyObject_SetAttrString(box, "iterator", iterator) < 0)
    return -1;
  Py_DECREF(iterator);
  if (PyModule_AddObject(module, "Box", box) < 0)
    return -1;
  return add(module, &tight_spec, "Tight") + add(module, &leaky_spec, "Leaky") + add(module, &shy_spec, "Shy");
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, leaky_exec},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL},
};
static struct PyModuleDef leaky_module = {PyModuleDef_HEAD_INIT, .m_name = "leaky", .m_slots = slots};

PyMODINIT_FUNC PyInit_leaky(void) { return PyModuleDef_Init(&leaky_module); }
