// The watch for Python: manifest, mode, steps and reports.
#include <ringfence_watch.h>

#include "runtime_module.h"

// `words` is freed by the caller, also after an error. 0, or -1 with an exception.
static int read_object(PyObject *entry, rf_watched *out) {
  Py_ssize_t address, size;
  PyObject *words;
  if (!PyArg_ParseTuple(entry, "ssssssnnO!", &out->id, &out->symbol, &out->kind, &out->verdict, &out->source,
                        &out->advice, &address, &size, &PyList_Type, &words))
    return -1;
  out->address = (uintptr_t)address;
  out->size = (size_t)size;
  out->object_word_count = (size_t)PyList_GET_SIZE(words);
  size_t *offsets = PyMem_Malloc((out->object_word_count + 1) * sizeof *offsets);
  out->object_words = offsets;
  for (size_t i = 0; offsets && i < out->object_word_count; i++)
    offsets[i] = PyLong_AsSize_t(PyList_GET_ITEM(words, (Py_ssize_t)i));
  return offsets && !PyErr_Occurred() ? 0 : -1;
}

static PyObject *watch_open(PyObject *module, PyObject *args) {
  (void)module;
  const char *file, *build_id;
  PyObject *entries;
  if (!PyArg_ParseTuple(args, "szO!", &file, &build_id, &PyList_Type, &entries))
    return NULL;
  Py_ssize_t count = PyList_GET_SIZE(entries);
  rf_watched *objects = PyMem_Calloc((size_t)count + 1, sizeof *objects);
  int failed = !objects;
  for (Py_ssize_t i = 0; i < count && !failed; i++)
    failed = read_object(PyList_GET_ITEM(entries, i), &objects[i]) < 0;
  if (!failed)
    failed = rf_watch_open(file, build_id, objects, (size_t)count) < 0;
  for (Py_ssize_t i = 0; objects && i < count; i++)
    PyMem_Free((void *)objects[i].object_words);
  PyMem_Free(objects);
  if (failed)
    return PyErr_Occurred() ? NULL : PyErr_NoMemory();
  Py_RETURN_NONE;
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
    {"watch_open", watch_open, METH_VARARGS,
     "watch_open(shared object, build id or None, [(id, symbol, kind, verdict, source, advice, address, size, "
     "words)])"},
    {"watch_set_mode", watch_set_mode, METH_VARARGS, "watch_set_mode(0 off, 1 report, 2 raise, 3 abort)"},
    {"watch_step", watch_step, METH_VARARGS, "watch_step(name) -> new violations"},
    {"watch_take_reports", watch_take_reports, METH_NOARGS, "watch_take_reports() -> [dict]"},
    {NULL, NULL, 0, NULL},
};
