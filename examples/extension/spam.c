// A module with per-interpreter state, to be built by any of the build files beside it.
#include <ringfence.h>

struct spam_state {
  PyObject *words; // how often each was counted
};
static int spam_init(struct spam_state *state) { return (state->words = PyDict_New()) ? 0 : -1; }
static void spam_clear(struct spam_state *state) { Py_CLEAR(state->words); }
RF_STATE(spam, struct spam_state, spam_init, spam_clear)

// count(word) -> how often this interpreter has counted it
static PyObject *count(PyObject *module, PyObject *word) {
  (void)module;
  struct spam_state *state = RF_GET(spam);
  PyObject *known = state ? PyObject_CallMethod(state->words, "get", "Oi", word, 0) : NULL;
  PyObject *one = known ? PyLong_FromLong(1) : NULL;
  PyObject *sum = one ? PyNumber_Add(known, one) : NULL;
  if (sum && PyDict_SetItem(state->words, word, sum) < 0)
    Py_CLEAR(sum);
  Py_XDECREF(one);
  Py_XDECREF(known);
  return sum;
}

static int spam_exec(PyObject *module) {
  (void)module;
  return RF_ENTER(spam);
}

static PyMethodDef methods[] = {{"count", count, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, spam_exec},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL},
};
static struct PyModuleDef spam_module = {PyModuleDef_HEAD_INIT, .m_name = "spam", .m_methods = methods,
                                         .m_slots = slots};

PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&spam_module); }
