// Py_Initialize and Py_Finalize cycles without an embedding program: when this process has finalised its Python and
// runs its C exit handlers, Python is started again, runs the code and is finalised, as often as asked for.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime_module.h"

static struct {
  int cycles, report_to; // a file descriptor, to which each cycle writes its events
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

// An event as ringfence.child writes them: a step of a cycle has ended.
static void report(int cycle, const char *step, const char *failure) {
  dprintf(plan.report_to, "{\"end\": \"%s\", \"who\": \"cycle %d\", \"ok\": %s, \"text\": \"%s\"}\n", step, cycle,
          failure ? "false" : "true", failure ? failure : "");
}

// Runs the planned code with the name `cycle` bound. It reports what happens in it; what is left is that it cannot
// begin.
static void run_cycle(int cycle) {
  size_t room = strlen(plan.code) + 32;
  char *code = malloc(room), *outcome = NULL;
  if (code) {
    snprintf(code, room, "cycle = %d\n%s", cycle, plan.code);
    outcome = rf_run_code(code, 0);
  }
  if (!outcome || outcome[0] == '!') {
    fprintf(stderr, "cycle %d: %s\n", cycle, outcome ? outcome + 1 : "no memory");
    report(cycle, "start", "the cycle could not begin");
  }
  free(outcome);
  free(code);
}

static void run_cycles(void) {
  for (int cycle = 2; cycle <= plan.cycles; cycle++) {
    if (start_python() < 0) {
      report(cycle, "start", "Python could not be initialised again");
      _exit(1);
    }
    run_cycle(cycle);
    Py_FinalizeEx();
    report(cycle, "finalise", NULL);
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
