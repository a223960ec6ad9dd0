// The watch for Python: manifest, mode, steps and reports.
#include <ringfence_watch.h>

#include "runtime_module.h"

static PyObject *watch_manifest(PyObject *module, PyObject *args) {
  (void)module;
  const char *manifest, *file;
  if (!PyArg_ParseTuple(args, "ss", &manifest, &file))
    return NULL;
  long watched = rf_watch_manifest(manifest, file);
  return watched < 0 ? NULL : PyLong_FromLong(watched);
}

static PyObject *watch_set_mode(PyObject *module, PyObject *args) {
  (void)module;
  int mode;
  if (!PyArg_ParseTuple(args, "i", &mode))
    return NULL;
  if (mode < RF_WATCH_OFF || mode > RF_WATCH_ABORT) {
    PyErr_SetString(PyExc_ValueError, "no such mode");
    return NULL;
  }
  rf_watch_set_mode((rf_watch_mode)mode);
  Py_RETURN_NONE;
}

static PyObject *watch_step(PyObject *module, PyObject *args) {
  (void)module;
  const char *step;
  if (!PyArg_ParseTuple(args, "s", &step))
    return NULL;
  long found = rf_watch_step(step);
  return found < 0 ? NULL : PyLong_FromLong(found);
}

static PyObject *as_dict(const rf_violation *violation) {
  const rf_watched *object = violation->object;
  return Py_BuildValue("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:L,s:L,s:n}", "kind", rf_violation_name(violation->kind), "id",
                       object->id, "symbol", object->symbol, "source", object->source, "verdict", object->verdict,
                       "advice", object->advice, "step", violation->step, "interpreter",
                       (long long)violation->interpreter, "owner", (long long)violation->owner, "offset",
                       (Py_ssize_t)violation->offset);
}

static PyObject *watch_take_reports(PyObject *module, PyObject *unused) {
  (void)module, (void)unused;
  PyObject *list = PyList_New(0);
  rf_violation violation;
  while (list && rf_watch_take(&violation, 1)) {
    PyObject *entry = as_dict(&violation);
    if (!entry || PyList_Append(list, entry) < 0)
      Py_CLEAR(list);
    Py_XDECREF(entry);
  }
  return list;
}

PyMethodDef rf_watch_methods[] = {
    {"watch_manifest", watch_manifest, METH_VARARGS, "watch_manifest(manifest, shared object) -> objects now watched"},
    {"watch_set_mode", watch_set_mode, METH_VARARGS, "watch_set_mode(0 off, 1 report, 2 raise, 3 abort)"},
    {"watch_step", watch_step, METH_VARARGS, "watch_step(name) -> new violations"},
    {"watch_take_reports", watch_take_reports, METH_NOARGS, "watch_take_reports() -> [dict]"},
    {NULL, NULL, 0, NULL},
};
