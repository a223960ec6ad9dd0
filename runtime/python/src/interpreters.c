// Interpreters under one API on every supported Python: create, run a string, end. An interpreter belongs to the thread
// that created it, so that one thread state serves all three.
#include <stdlib.h>
#include <string.h>

#include <ringfence_private.h>
#include <ringfence_watch.h>

#include "runtime_module.h"

#define CAPSULE "ringfence.interpreter"

typedef struct {
  PyThreadState *thread; // NULL once ended
  unsigned long creator;
} interpreter;

// As UTF-8 in malloc'ed memory, behind `mark`; consumes `text`, which may be NULL with an exception set. Halves of characters
// are escaped, and a zero does not end the text.
static char *marked(char mark, PyObject *text) {
  char *utf8 = "(cannot be shown)";
  Py_ssize_t length = (Py_ssize_t)strlen(utf8);
  PyObject *bytes = text ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : NULL;
  if (!bytes || PyBytes_AsStringAndSize(bytes, &utf8, &length) < 0)
    PyErr_Clear();
  char *copy = malloc((size_t)length + 2);
  if (copy) {
    copy[0] = mark;
    for (Py_ssize_t i = 0; i < length; i++)
      copy[i + 1] = utf8[i] ? utf8[i] : ' ';
    copy[length + 1] = 0;
  }
  Py_XDECREF(bytes);
  Py_XDECREF(text);
  return copy;
}

// The current exception with its traceback, as a string.
static PyObject *format_exception(void) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  PyObject *module = PyImport_ImportModule("traceback");
  PyObject *lines = module ? PyObject_CallMethod(module, "format_exception", "OOO", type, value ? value : Py_None,
                                                 traceback ? traceback : Py_None)
                           : NULL;
  PyObject *empty = lines ? PyUnicode_FromString("") : NULL;
  PyObject *text = empty ? PyUnicode_Join(empty, lines) : NULL;
  if (!text) {
    PyErr_Clear();
    text = PyObject_Str(value ? value : type);
  }
  Py_XDECREF(empty);
  Py_XDECREF(lines);
  Py_XDECREF(module);
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(traceback);
  return text;
}

char *rf_run_code(const char *code, int apart) {
  PyObject *main_module = PyImport_AddModule("__main__"); // borrowed
  PyObject *globals = main_module ? PyModule_GetDict(main_module) : NULL;
  if (globals && apart)
    globals = PyDict_Copy(globals);
  else
    Py_XINCREF(globals);
  if (globals && PyDict_GetItemString(globals, "result"))
    PyDict_DelItemString(globals, "result");
  PyObject *done = globals ? PyRun_String(code, Py_file_input, globals, globals) : NULL;
  PyObject *result = done ? PyDict_GetItemString(globals, "result") : NULL; // borrowed
  PyObject *shown = result ? PyObject_Repr(result) : done ? PyUnicode_FromString("") : NULL;
  char *outcome = shown ? marked('=', shown) : marked('!', format_exception());
  Py_XDECREF(done);
  Py_XDECREF(globals);
  return outcome;
}

static PyThreadState *new_interpreter(int own_gil) {
#if PY_VERSION_HEX >= 0x030C0000
  PyInterpreterConfig config = {
      .use_main_obmalloc = !own_gil,
      .allow_fork = 1,
      .allow_exec = 1,
      .allow_threads = 1,
      .allow_daemon_threads = !own_gil,
      .check_multi_interp_extensions = own_gil,
      .gil = own_gil ? PyInterpreterConfig_OWN_GIL : PyInterpreterConfig_SHARED_GIL,
  };
#ifdef Py_GIL_DISABLED
  config.check_multi_interp_extensions = 1; // required where there is no GIL
#endif
  PyThreadState *thread = NULL;
  PyStatus status = Py_NewInterpreterFromConfig(&thread, &config);
  return PyStatus_Exception(status) ? NULL : thread;
#else
  return own_gil ? NULL : Py_NewInterpreter();
#endif
}

// The interpreter behind `capsule`, NULL with an exception where it cannot be used here.
static interpreter *usable(PyObject *capsule) {
  interpreter *self = PyCapsule_GetPointer(capsule, CAPSULE);
  if (self && !self->thread)
    PyErr_SetString(PyExc_RuntimeError, "the interpreter has ended");
  else if (self && self->creator != PyThread_get_thread_ident())
    PyErr_SetString(PyExc_RuntimeError, "an interpreter is used in the thread that created it");
  return PyErr_Occurred() ? NULL : self;
}

static void free_handle(PyObject *capsule) { free(PyCapsule_GetPointer(capsule, CAPSULE)); }

static PyObject *create(PyObject *module, PyObject *args) {
  (void)module;
  int own_gil;
  if (!PyArg_ParseTuple(args, "p", &own_gil))
    return NULL;
#if PY_VERSION_HEX < 0x030C0000
  if (own_gil) {
    PyErr_SetString(PyExc_NotImplementedError, "an interpreter with a GIL of its own needs Python 3.12");
    return NULL;
  }
#endif
  interpreter *self = calloc(1, sizeof *self);
  PyObject *capsule = self ? PyCapsule_New(self, CAPSULE, free_handle) : PyErr_NoMemory();
  if (!capsule) {
    free(self);
    return NULL;
  }
  PyThreadState *here = PyThreadState_Get();
  self->creator = PyThread_get_thread_ident();
  self->thread = new_interpreter(own_gil);
  PyThreadState_Swap(here);
  if (!self->thread) {
    Py_DECREF(capsule);
    PyErr_SetString(PyExc_RuntimeError, "Python could not make an interpreter");
    return NULL;
  }
  return capsule;
}

static PyObject *run(PyObject *module, PyObject *args) {
  (void)module;
  PyObject *capsule;
  const char *code, *step;
  int apart = 0;
  if (!PyArg_ParseTuple(args, "Oss|p", &capsule, &code, &step, &apart))
    return NULL;
  interpreter *self = capsule == Py_None ? NULL : usable(capsule);
  if (PyErr_Occurred())
    return NULL;
  PyThreadState *here = PyThreadState_Get();
  if (self)
    PyThreadState_Swap(self->thread);
  char *outcome = rf_run_code(code, apart);
  if (rf_watch_step(step) < 0)
    PyErr_WriteUnraisable(NULL);
  if (self)
    PyThreadState_Swap(here);
  if (!outcome)
    return PyErr_NoMemory();
  PyObject *pair = Py_BuildValue("Ns", PyBool_FromLong(outcome[0] == '='), outcome + 1);
  free(outcome);
  return pair;
}

static PyObject *end(PyObject *module, PyObject *capsule) {
  (void)module;
  interpreter *self = usable(capsule);
  if (!self)
    return NULL;
  PyThreadState *here = PyThreadState_Swap(self->thread);
  Py_EndInterpreter(self->thread);
  self->thread = NULL;
  PyThreadState_Swap(here);
  rf_release_private();
  Py_RETURN_NONE;
}

PyMethodDef rf_interpreter_methods[] = {
    {"create", create, METH_VARARGS, "create(own_gil) -> interpreter"},
    {"run", run, METH_VARARGS,
     "run(interpreter or None, code, step, apart=False) -> (succeeded, repr of `result` or traceback); then a step of "
     "the watch"},
    {"end", end, METH_O, "end(interpreter)"},
    {NULL, NULL, 0, NULL},
};
