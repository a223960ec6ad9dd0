// The state of ringfence._runtime in each interpreter: its types, the exceptions that it raises, conversions.
#include <ringfence_interp.h>

#include "runtime_module.h"
#include "values.h"

static PyTypeObject *type_of(PyType_Spec *spec) { return (PyTypeObject *)PyType_FromSpec(spec); }

static int find_errors(rf_python *state) {
  static const struct {
    rf_status status;
    const char *name;
  } names[] = {{RF_WOULD_BLOCK, "WouldBlock"},
               {RF_CLOSED, "Closed"},
               {RF_POISONED, "Poisoned"},
               {RF_CANCELLED, "Interrupted"},
               {RF_DEADLOCK, "Deadlock"}};
  PyObject *module = PyImport_ImportModule("ringfence._errors");
  for (size_t i = 0; module && i < sizeof names / sizeof *names; i++)
    if (!(state->errors[names[i].status] = PyObject_GetAttrString(module, names[i].name)))
      Py_CLEAR(module);
  state->interpreter_error = module ? PyObject_GetAttrString(module, "InterpreterError") : NULL;
  Py_XDECREF(module);
  if (!state->interpreter_error)
    return -1;
  Py_INCREF(PyExc_TimeoutError);
  state->errors[RF_TIMED_OUT] = PyExc_TimeoutError;
  return 0;
}

static int init_state(rf_python *state) {
  PyObject *names = PyImport_ImportModule("ringfence._names");
  state->resolve = names ? PyObject_GetAttrString(names, "resolve") : NULL;
  Py_XDECREF(names);
  if (!state->resolve || find_errors(state) < 0 || !(state->conversions = PyDict_New()) ||
      !(state->channel = type_of(&rf_channel_spec)) || !(state->buffer = type_of(&rf_buffer_spec)) ||
      !(state->mark = type_of(&rf_mark_spec)) || !(state->wait = type_of(&rf_wait_spec)) ||
      !(state->network = type_of(&rf_network_spec)) || !(state->interp = type_of(&rf_interp_spec)))
    return -1;
  rf_interp *own = rf_interp_of_thread();
  if (!(state->ending = own ? rf_cancel_share(rf_interp_waits(own)) : rf_cancel_new())) {
    PyErr_NoMemory();
    return -1;
  }
  return 0;
}

static void clear_state(rf_python *state) {
  if (state->ending)
    rf_cancel_fire(state->ending);
  rf_cancel_free(state->ending);
  state->ending = NULL;
  Py_CLEAR(state->channel);
  Py_CLEAR(state->buffer);
  Py_CLEAR(state->mark);
  Py_CLEAR(state->wait);
  Py_CLEAR(state->network);
  Py_CLEAR(state->interp);
  Py_CLEAR(state->interpreter_error);
  Py_CLEAR(state->conversions);
  Py_CLEAR(state->resolve);
  for (int i = 0; i < RF_STATUS_COUNT; i++)
    Py_CLEAR(state->errors[i]);
}

static int traverse_state(rf_python *state, visitproc visit, void *arg) {
  Py_VISIT(state->channel);
  Py_VISIT(state->buffer);
  Py_VISIT(state->mark);
  Py_VISIT(state->wait);
  Py_VISIT(state->network);
  Py_VISIT(state->interp);
  Py_VISIT(state->interpreter_error);
  Py_VISIT(state->conversions);
  Py_VISIT(state->resolve);
  for (int i = 0; i < RF_STATUS_COUNT; i++)
    Py_VISIT(state->errors[i]);
  return 0;
}

RF_STATE_GC(rf_python_state, rf_python, init_state, clear_state, traverse_state)

int rf_add_types(PyObject *module) {
  if (RF_ENTER(rf_python_state) < 0)
    return -1;
  const rf_python *state = STATE();
  const struct {
    const char *name;
    PyTypeObject *type;
  } types[] = {{"Channel", state->channel}, {"Buffer", state->buffer},   {"Mark", state->mark},
               {"Wait", state->wait},       {"Network", state->network}, {"Interp", state->interp}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    Py_INCREF(types[i].type);
    if (PyModule_AddObject(module, types[i].name, (PyObject *)types[i].type) < 0) {
      Py_DECREF(types[i].type);
      return -1;
    }
  }
  return 0;
}
