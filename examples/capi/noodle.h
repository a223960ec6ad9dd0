// The C API of the module noodle: a table behind a capsule, one for each interpreter.
#pragma once
#include <Python.h>

typedef struct {
  PyTypeObject *type;             // Noodle of this interpreter
  PyObject *(*make)(long length); // a new Noodle
  long (*length)(PyObject *noodle);
} noodle_api;

// This interpreter's table; NULL with an exception. Keep it in state of your own, never in a static.
static inline const noodle_api *noodle_import(void) { return (const noodle_api *)PyCapsule_Import("noodle._api", 0); }
