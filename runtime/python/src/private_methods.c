// Private copies for Python: what ringfence.private's loader calls.
#include <ringfence_private.h>

#include "runtime_module.h"

static PyObject *private_create(PyObject *module, PyObject *args) {
  (void)module;
  const char *name, *path;
  PyObject *spec;
  return PyArg_ParseTuple(args, "ssO", &name, &path, &spec) ? rf_load_private(name, path, spec) : NULL;
}

static PyObject *private_exec(PyObject *module, PyObject *copy) {
  (void)module;
  if (rf_exec_private(copy) < 0)
    return NULL;
  Py_RETURN_NONE;
}

static PyObject *private_count(PyObject *module, PyObject *unused) {
  (void)module, (void)unused;
  return PyLong_FromSize_t(rf_private_count());
}

PyMethodDef rf_private_methods[] = {
    {"private_create", private_create, METH_VARARGS, "private_create(name, path, spec) -> module"},
    {"private_exec", private_exec, METH_O, "private_exec(module)"},
    {"private_count", private_count, METH_NOARGS, "private_count() -> copies now loaded"},
    {NULL, NULL, 0, NULL},
};
