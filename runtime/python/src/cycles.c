// Py_Initialize and Py_Finalize cycles without an embedding program: when this process has finalised its Python and
// runs its C exit handlers, Python is started again, runs the code and is finalised, as often as asked for: in a thread
// of its own, for the thread-locals of the main thread are destroyed by then. And what else a process that runs
// scenarios needs.
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "runtime_module.h"

typedef struct {
  int cycles, report_to; // a file descriptor, to which each cycle writes its events
  char *code;
  wchar_t *program;
} cycle_plan; // in malloc'ed memory, which outlives Python

// Published whole, once in a process.
static cycle_plan *the_plan;

static int start_python(const cycle_plan *plan) {
  PyConfig config;
  PyConfig_InitPythonConfig(&config);
  config.install_signal_handlers = 0;
  PyStatus status = PyConfig_SetString(&config, &config.program_name, plan->program);
  if (!PyStatus_Exception(status))
    status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  return PyStatus_Exception(status) ? -1 : 0;
}

// An event as ringfence.child writes them: a step of a cycle has ended.
static void report(const cycle_plan *plan, int cycle, const char *step, const char *failure) {
  dprintf(plan->report_to, "{\"end\": \"%s\", \"who\": \"cycle %d\", \"ok\": %s, \"text\": \"%s\"}\n", step, cycle,
          failure ? "false" : "true", failure ? failure : "");
}

// Runs the planned code with the name `cycle` bound. It reports what happens in it; what is left is that it cannot
// begin.
static void run_cycle(const cycle_plan *plan, int cycle) {
  size_t room = strlen(plan->code) + 32;
  char *code = malloc(room), *outcome = NULL;
  if (code) {
    snprintf(code, room, "cycle = %d\n%s", cycle, plan->code);
    outcome = rf_run_code(code, 0);
  }
  if (!outcome || outcome[0] == '!') {
    fprintf(stderr, "cycle %d: %s\n", cycle, outcome ? outcome + 1 : "no memory");
    report(plan, cycle, "start", "the cycle could not begin");
  }
  free(outcome);
  free(code);
}

static void *run_cycles(void *argument) {
  const cycle_plan *plan = argument;
  for (int cycle = 2; cycle <= plan->cycles; cycle++) {
    if (start_python(plan) < 0) {
      report(plan, cycle, "start", "Python could not be initialised again");
      _exit(1);
    }
    run_cycle(plan, cycle);
    Py_FinalizeEx();
    report(plan, cycle, "finalise", NULL);
  }
  _exit(0);
}

static void at_exit(void) {
  cycle_plan *plan = __atomic_load_n(&the_plan, __ATOMIC_ACQUIRE);
  pthread_t thread;
  if (plan && pthread_create(&thread, NULL, run_cycles, plan) == 0)
    pthread_join(thread, NULL);
  _exit(1);
}

static void free_plan(cycle_plan *plan) {
  if (plan) {
    free(plan->code);
    free(plan->program);
    free(plan);
  }
}

static cycle_plan *new_plan(int cycles, const char *code, int report_to, const wchar_t *program) {
  cycle_plan *plan = malloc(sizeof *plan);
  if (!plan)
    return NULL;
  *plan = (cycle_plan){cycles, report_to, strdup(code), wcsdup(program)};
  if (plan->code && plan->program)
    return plan;
  free_plan(plan);
  return NULL;
}

static PyObject *cycle_at_exit(PyObject *module, PyObject *args) {
  (void)module;
  const char *code;
  PyObject *program;
  int cycles, report_to;
  if (!PyArg_ParseTuple(args, "isiU", &cycles, &code, &report_to, &program))
    return NULL;
  wchar_t *wide = PyUnicode_AsWideCharString(program, NULL);
  if (!wide)
    return NULL;
  cycle_plan *plan = new_plan(cycles, code, report_to, wide), *none = NULL;
  PyMem_Free(wide);
  if (!plan)
    return PyErr_NoMemory();
  if (!__atomic_compare_exchange_n(&the_plan, &none, plan, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    free_plan(plan);
    PyErr_SetString(PyExc_RuntimeError, "cycles are planned already");
    return NULL;
  }
  if (atexit(at_exit) != 0)
    return PyErr_NoMemory();
  Py_RETURN_NONE;
}

static PyObject *adopt_orphans(PyObject *module, PyObject *args) {
  (void)module;
  int number;
  if (!PyArg_ParseTuple(args, "i", &number))
    return NULL;
#ifdef __linux__
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || prctl(PR_SET_PDEATHSIG, number) != 0)
    return PyErr_SetFromErrno(PyExc_OSError);
#endif
  Py_RETURN_NONE;
}

PyMethodDef rf_cycle_methods[] = {
    {"adopt_orphans", adopt_orphans, METH_VARARGS,
     "adopt_orphans(number): processes whose parents end become children of this one, and the signal comes when its "
     "own "
     "parent ends (Linux)"},
    {"cycle_at_exit", cycle_at_exit, METH_VARARGS, "cycle_at_exit(cycles, code, report_to, program)"},
    {NULL, NULL, 0, NULL},
};
