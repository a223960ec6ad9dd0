// Py_Initialize and Py_Finalize cycles without an embedding program: when this process has finalised its Python and
// runs its C exit handlers, Python is started again, runs the code and is finalised, as often as asked for.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime_module.h"

static struct {
  int cycles, report_to; // a file descriptor, to which each cycle writes one line
  char *code;
  wchar_t *program;
} plan;

static int start_python(void) {
  PyConfig config;
  PyConfig_InitPythonConfig(&config);
  config.install_signal_handlers = 0;
  PyStatus status = PyConfig_SetString(&config, &config.program_name, plan.program);
  if (!PyStatus_Exception(status))
    status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  return PyStatus_Exception(status) ? -1 : 0;
}

// "cycle 2 begins", then "cycle 2 =result" or "cycle 2 !traceback" with line feeds as \x1f.
static void report(int cycle, const char *text) {
  dprintf(plan.report_to, "cycle %d ", cycle);
  for (const char *c = text; *c; c++)
    if (write(plan.report_to, *c == '\n' ? "\x1f" : c, 1) != 1)
      return;
  dprintf(plan.report_to, "\n");
}

static void run_cycles(void) {
  for (int cycle = 2; cycle <= plan.cycles; cycle++) {
    report(cycle, "begins");
    if (start_python() < 0) {
      report(cycle, "!Python could not be initialised again");
      _exit(1);
    }
    char *outcome = rf_run_code(plan.code);
    report(cycle, outcome ? outcome : "!no memory");
    free(outcome);
    Py_FinalizeEx();
    report(cycle, "ends");
  }
  _exit(0);
}

static PyObject *cycle_at_exit(PyObject *module, PyObject *args) {
  (void)module;
  const char *code;
  PyObject *program;
  int cycles, report_to;
  if (!PyArg_ParseTuple(args, "isiU", &cycles, &code, &report_to, &program))
    return NULL;
  if (plan.code) {
    PyErr_SetString(PyExc_RuntimeError, "cycles are planned already");
    return NULL;
  }
  wchar_t *wide = PyUnicode_AsWideCharString(program, NULL);
  if (!wide)
    return NULL;
  plan.program = wcsdup(wide); // PyMem memory does not outlive Python
  PyMem_Free(wide);
  plan.code = strdup(code);
  plan.cycles = cycles;
  plan.report_to = report_to;
  if (!plan.program || !plan.code || atexit(run_cycles) != 0)
    return PyErr_NoMemory();
  Py_RETURN_NONE;
}

PyMethodDef rf_cycle_methods[] = {
    {"cycle_at_exit", cycle_at_exit, METH_VARARGS, "cycle_at_exit(cycles, code, report_to, program)"},
    {NULL, NULL, 0, NULL},
};
