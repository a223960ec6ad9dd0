// Two hundred thousand words that can hold an object each.
#include <Python.h>

enum { COUNT = 200000 };
PyObject *many_words[COUNT];

// fill(count): an object of this interpreter in each of the first words
static PyObject *fill(PyObject *module, PyObject *count) {
  (void)module;
  for (long i = 0; i < PyLong_AsLong(count); i++) {
    Py_XDECREF(many_words[i]);
    many_words[i] = PyLong_FromLong(1000 + i);
  }
  Py_RETURN_NONE;
}

// move(from, to): one word's object to another
static PyObject *move(PyObject *module, PyObject *args) {
  (void)module;
  int from, to;
  if (!PyArg_ParseTuple(args, "ii", &from, &to))
    return NULL;
  many_words[to] = many_words[from];
  many_words[from] = NULL;
  Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"fill", fill, METH_O, NULL}, {"move", move, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL},
};
static struct PyModuleDef many_module = {PyModuleDef_HEAD_INIT, .m_name = "many", .m_methods = methods,
                                         .m_slots = slots};

PyMODINIT_FUNC PyInit_many(void) { return PyModuleDef_Init(&many_module); }
