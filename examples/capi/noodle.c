// Types that were static, one the other's base, and a C API that was a static table: all are of one interpreter now. docs/moving.md
// tells the steps.
#include "noodle.h"

#include <ringfence.h>

struct noodle_state {
  PyObject *type, *ramen;
  noodle_api api;
};
typedef struct {
  PyObject_HEAD long length;
} noodle_object;

static int noodle_init(struct noodle_state *state);
static void noodle_clear(struct noodle_state *state) {
  Py_CLEAR(state->ramen);
  Py_CLEAR(state->type);
}
static int noodle_visit(struct noodle_state *state, visitproc visit, void *arg) {
  Py_VISIT(state->ramen);
  Py_VISIT(state->type);
  return 0;
}
RF_STATE_GC(noodle, struct noodle_state, noodle_init, noodle_clear, noodle_visit)

static void noodle_dealloc(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type); // an instance of a heap type holds a reference to it
}

static PyObject *noodle_double(PyObject *self, PyObject *unused);
static PyMethodDef noodle_methods[] = {{"double", noodle_double, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyType_Slot noodle_slots[] = {
    {Py_tp_dealloc, (void *)(uintptr_t)noodle_dealloc}, {Py_tp_methods, noodle_methods}, {0, NULL}};
#if PY_VERSION_HEX >= 0x030A0000
enum { FLAGS = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE }; // as the static type was
#else
enum { FLAGS = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE };
#endif
static PyType_Spec noodle_spec = {"noodle.Noodle", sizeof(noodle_object), 0, FLAGS, noodle_slots};

// Its base was `.tp_base = &Noodle_Type`. It holds an object, and so the garbage collector visits it.
typedef struct {
  noodle_object noodle;
  PyObject *broth;
} ramen_object;

static int ramen_init(PyObject *self, PyObject *args, PyObject *unused) {
  (void)unused;
  PyObject *broth;
  if (!PyArg_ParseTuple(args, "O", &broth))
    return -1;
  Py_INCREF(broth);
  Py_XSETREF(((ramen_object *)self)->broth, broth);
  return 0;
}
static int ramen_traverse(PyObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self)); // an instance of a heap type holds a reference to it
  Py_VISIT(((ramen_object *)self)->broth);
  return 0;
}
static int ramen_clear(PyObject *self) {
  Py_CLEAR(((ramen_object *)self)->broth);
  return 0;
}
static void ramen_dealloc(PyObject *self) {
  PyObject_GC_UnTrack(self);
  ramen_clear(self);
  noodle_dealloc(self);
}
static PyType_Slot ramen_slots[] = {{Py_tp_init, (void *)(uintptr_t)ramen_init},
                                    {Py_tp_traverse, (void *)(uintptr_t)ramen_traverse},
                                    {Py_tp_clear, (void *)(uintptr_t)ramen_clear},
                                    {Py_tp_dealloc, (void *)(uintptr_t)ramen_dealloc},
                                    {0, NULL}};
static PyType_Spec ramen_spec = {"noodle.Ramen", sizeof(ramen_object), 0, FLAGS | Py_TPFLAGS_HAVE_GC, ramen_slots};

static PyObject *make(long length) {
  struct noodle_state *state = RF_GET(noodle); // callers of the C API have no module at hand
  noodle_object *made = state ? PyObject_New(noodle_object, (PyTypeObject *)state->type) : NULL;
  if (made)
    made->length = length;
  return (PyObject *)made;
}
static long length(PyObject *noodle) { return ((noodle_object *)noodle)->length; }
static PyObject *noodle_double(PyObject *self, PyObject *unused) {
  (void)unused;
  return make(2 * length(self));
}

static int noodle_init(struct noodle_state *state) {
  state->type = PyType_FromSpec(&noodle_spec);
  state->api = (noodle_api){(PyTypeObject *)state->type, make, length};
  PyObject *bases = state->type ? PyTuple_Pack(1, state->type) : NULL;
  state->ramen = bases ? PyType_FromSpecWithBases(&ramen_spec, bases) : NULL;
  Py_XDECREF(bases);
  return state->ramen ? 0 : -1;
}

static int noodle_exec(PyObject *module) {
  if (RF_ENTER(noodle) < 0)
    return -1;
  struct noodle_state *state = RF_GET(noodle);
  Py_INCREF(state->type);
  Py_INCREF(state->ramen);
  if (PyModule_AddObject(module, "Noodle", state->type) < 0 || PyModule_AddObject(module, "Ramen", state->ramen) < 0)
    return -1;
  return PyModule_AddObject(module, "_api", PyCapsule_New(&state->api, "noodle._api", NULL));
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)(uintptr_t)noodle_exec},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL},
};
static struct PyModuleDef noodle_module = {PyModuleDef_HEAD_INIT, .m_name = "noodle", .m_slots = slots};

PyMODINIT_FUNC PyInit_noodle(void) { return PyModuleDef_Init(&noodle_module); }
