// Marks on values, registered conversions, and networks, for Python.
#define PY_SSIZE_T_CLEAN
#include <stdbool.h>
#include <string.h>

#include "values.h"

// ---- Marks ----

static PyObject *new_mark(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  PyObject *object;
  const char *how;
  buffer_mode mode = BUFFER_COPY;
  static char *names[] = {"object", "how", NULL};
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "Os:Mark", names, &object, &how))
    return NULL;
  bool pickle = !strcmp(how, "pickle");
  if (!pickle && rf_buffer_mode(how, &mode) < 0)
    return NULL;
  mark_object *self = (mark_object *)type->tp_alloc(type, 0);
  if (self) {
    Py_INCREF(object);
    self->object = object;
    self->mode = mode;
    self->pickle = pickle;
  }
  return (PyObject *)self;
}

static int traverse_mark(PyObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(((mark_object *)self)->object);
  return 0;
}

static int clear_mark(PyObject *self) {
  Py_CLEAR(((mark_object *)self)->object);
  return 0;
}

static void dealloc_mark(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  clear_mark(self);
  type->tp_free(self);
  Py_DECREF(type);
}

static PyType_Slot mark_slots[] = {{Py_tp_doc, "Mark(object, how): how a part of a value is passed."},
                                   {Py_tp_new, (void *)(uintptr_t)new_mark},
                                   {Py_tp_dealloc, (void *)(uintptr_t)dealloc_mark},
                                   {Py_tp_traverse, (void *)(uintptr_t)traverse_mark},
                                   {Py_tp_clear, (void *)(uintptr_t)clear_mark},
                                   {0, NULL}};
PyType_Spec rf_mark_spec = {"ringfence.channels.Mark", sizeof(mark_object), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
                            mark_slots};

// ---- Conversions ----

static PyObject *register_conversion(PyObject *module, PyObject *args) {
  (void)module;
  PyObject *type, *convert, *name;
  if (!PyArg_ParseTuple(args, "O!OU", &PyType_Type, &type, &convert, &name))
    return NULL;
  PyObject *pair = PyTuple_Pack(2, convert, name);
  int result = pair ? PyDict_SetItem(STATE()->conversions, type, pair) : -1;
  Py_XDECREF(pair);
  if (result < 0)
    return NULL;
  Py_RETURN_NONE;
}

static PyObject *channel_counts(PyObject *module, PyObject *unused) {
  (void)module, (void)unused;
  rf_channel_counts counts = rf_channel_count();
  return Py_BuildValue("(nnn)", (Py_ssize_t)counts.channels, (Py_ssize_t)counts.messages, (Py_ssize_t)counts.blocks);
}

PyMethodDef rf_value_methods[] = {
    {"channel_counts", channel_counts, METH_NOARGS,
     "channel_counts() -> (channels, messages, blocks) that live in the process: for tests and diagnosis"},
    {"register_conversion", register_conversion, METH_VARARGS,
     "register_conversion(type, to_shared, 'module:function')"},
    {NULL, NULL, 0, NULL},
};

// ---- Networks ----

typedef struct {
  PyObject_HEAD rf_network *network;
} network_object;

PyObject *rf_network_object(rf_network *network) {
  PyTypeObject *type = STATE()->network;
  network_object *self = (network_object *)type->tp_alloc(type, 0);
  if (self)
    self->network = network;
  else
    rf_release(network);
  return (PyObject *)self;
}

rf_network *rf_network_of(PyObject *object) {
  if (Py_IS_TYPE(object, STATE()->network))
    return ((network_object *)object)->network;
  PyErr_SetString(PyExc_TypeError, "a network is needed");
  return NULL;
}

static PyObject *new_network(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  (void)type;
  if (!PyArg_ParseTuple(args, ":Network") || (kwargs && PyDict_GET_SIZE(kwargs)))
    return NULL;
  rf_network *network = rf_network_new();
  return network ? rf_network_object(network) : PyErr_NoMemory();
}

static void dealloc_network(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  rf_release(((network_object *)self)->network);
  type->tp_free(self);
  Py_DECREF(type);
}

static PyObject *network_expect(PyObject *self, PyObject *unused) {
  (void)unused;
  rf_network_expect(((network_object *)self)->network);
  Py_RETURN_NONE;
}

static PyObject *network_forget(PyObject *self, PyObject *unused) {
  (void)unused;
  rf_network_forget(((network_object *)self)->network);
  Py_RETURN_NONE;
}

static PyObject *network_begin(PyObject *self, PyObject *args) {
  const char *name;
  if (!PyArg_ParseTuple(args, "s", &name))
    return NULL;
  if (rf_process_begin(((network_object *)self)->network, name) == 0)
    Py_RETURN_NONE;
  if (rf_process_network())
    PyErr_SetString(PyExc_RuntimeError, "this thread is a process already");
  else
    PyErr_NoMemory();
  return NULL;
}

static PyObject *network_report(PyObject *self, PyObject *unused) {
  (void)unused;
  char *report = rf_network_report(((network_object *)self)->network);
  PyObject *text = Py_BuildValue("z", report);
  free(report);
  return text;
}

static PyMethodDef network_methods[] = {
    {"expect", network_expect, METH_NOARGS, "expect(): one more process will begin"},
    {"forget", network_forget, METH_NOARGS, "forget(): one process will not begin after all"},
    {"begin", network_begin, METH_VARARGS, "begin(name): this thread is a process of the network from now on"},
    {"report", network_report, METH_NOARGS, "report() -> who waited for what in the deadlock that was found, or None"},
    {NULL, NULL, 0, NULL}};
static PyType_Slot network_slots[] = {{Py_tp_doc, "Network(): processes that may wait for each other."},
                                      {Py_tp_new, (void *)(uintptr_t)new_network},
                                      {Py_tp_dealloc, (void *)(uintptr_t)dealloc_network},
                                      {Py_tp_methods, network_methods},
                                      {0, NULL}};
PyType_Spec rf_network_spec = {"ringfence._runtime.Network", sizeof(network_object), 0, Py_TPFLAGS_DEFAULT,
                               network_slots};

static PyObject *process_end(PyObject *module, PyObject *unused) {
  (void)module, (void)unused;
  rf_process_end();
  Py_RETURN_NONE;
}

static PyObject *process_network(PyObject *module, PyObject *unused) {
  (void)module, (void)unused;
  rf_network *network = rf_process_network();
  if (!network)
    Py_RETURN_NONE;
  rf_retain(network);
  return rf_network_object(network);
}

PyMethodDef rf_network_methods[] = {
    {"process_end", process_end, METH_NOARGS, "process_end(): this thread is a process no more"},
    {"process_network", process_network, METH_NOARGS, "process_network() -> the network of this thread, or None"},
    {NULL, NULL, 0, NULL},
};
