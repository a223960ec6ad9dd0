// A user of noodle's C API, which kept the table in a static.
#include <ringfence.h>

#include "noodle.h"

struct soup_state {
  const noodle_api *noodle;
};
static int soup_init(struct soup_state *state) { return (state->noodle = noodle_import()) ? 0 : -1; }
RF_STATE(soup, struct soup_state, soup_init, NULL)

// cook(length) -> (length of a noodle made and doubled, whether its type is this interpreter's)
static PyObject *cook(PyObject *module, PyObject *arg) {
  (void)module;
  const noodle_api *noodle = RF_GET(soup)->noodle;
  PyObject *made = noodle->make(PyLong_AsLong(arg));
  PyObject *twice = made ? PyObject_CallMethod(made, "double", NULL) : NULL;
  PyObject *result =
      twice ? Py_BuildValue("lN", noodle->length(twice), PyBool_FromLong(Py_TYPE(twice) == noodle->type)) : NULL;
  Py_XDECREF(made);
  Py_XDECREF(twice);
  return result;
}

static int soup_exec(PyObject *module) {
  (void)module;
  return RF_ENTER(soup);
}

static PyMethodDef methods[] = {{"cook", cook, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)(uintptr_t)soup_exec},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL},
};
static struct PyModuleDef soup_module = {PyModuleDef_HEAD_INIT, .m_name = "soup", .m_methods = methods,
                                         .m_slots = slots};

PyMODINIT_FUNC PyInit_soup(void) { return PyModuleDef_Init(&soup_module); }
