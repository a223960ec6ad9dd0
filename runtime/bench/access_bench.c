// What one access to module state costs, in nanoseconds: a plain static, thread_local (whose address the compiler
// computes before the loop), PyModule_GetState, PyType_GetModuleByDef, PyState_FindModule, and RF_GET in the slowest of
// so many live interpreters. A module with one function, bench([interpreters, ...]) -> {name: ns};
// scripts/bench runtime builds and prints it.
#include <ringfence.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// Short rounds and the best of many: on a busy machine some round runs undisturbed.
enum { ACCESSES = 100000, ROUNDS = 200, VISITS = 3, ROUNDS_IN_VISIT = 20 };

struct counter {
  long value;
};
RF_STATE(bench, struct counter, NULL, NULL)

static struct counter plain;
static _Thread_local struct counter per_thread;
static PyModuleDef bench_module;
static volatile long sink;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

// The barrier makes the compiler look the state up anew in every turn.
#define MEASURE(result, rounds, access)                                                                                \
  do {                                                                                                                 \
    double best = 1e9;                                                                                                 \
    long sum = 0;                                                                                                      \
    for (int round = 0; round < (rounds); round++) {                                                                   \
      double start = now();                                                                                            \
      for (long i = 0; i < ACCESSES; i++) {                                                                            \
        sum += (access)->value;                                                                                        \
        __asm__ volatile("" ::: "memory");                                                                             \
      }                                                                                                                \
      double each = (now() - start) / ACCESSES;                                                                        \
      best = each < best ? each : best;                                                                                \
    }                                                                                                                  \
    sink = sum;                                                                                                        \
    result = best;                                                                                                     \
  } while (0)

// RF_GET in the slowest of `count` interpreters besides this one.
static double in_crowd(int count) {
  PyThreadState *home = PyThreadState_Get(), **crowd = calloc((size_t)count + 1, sizeof *crowd);
  double *best = calloc((size_t)count + 1, sizeof *best), worst = 0;
  if (!crowd || !best)
    abort();
  crowd[0] = home;
  for (int i = 1; i <= count; i++) {
    crowd[i] = Py_NewInterpreter();
    if (!crowd[i] || RF_ENTER(bench) < 0)
      abort();
  }
  for (int visit = 0; visit < VISITS; visit++)
    for (int i = 0; i <= count; i++) {
      double ns;
      PyThreadState_Swap(crowd[i]);
      MEASURE(ns, ROUNDS_IN_VISIT, RF_GET(bench));
      best[i] = visit == 0 || ns < best[i] ? ns : best[i];
    }
  for (int i = 0; i <= count; i++)
    worst = best[i] > worst ? best[i] : worst;
  for (int i = 1; i <= count; i++) {
    PyThreadState_Swap(crowd[i]);
    Py_EndInterpreter(crowd[i]);
  }
  PyThreadState_Swap(home);
  free(crowd);
  free(best);
  return worst;
}

static int put(PyObject *results, const char *name, double ns) {
  PyObject *value = PyFloat_FromDouble(ns);
  int failed = value ? PyDict_SetItemString(results, name, value) : -1;
  Py_XDECREF(value);
  return failed;
}

static PyObject *run(PyObject *module, PyObject *counts) {
  double ns;
  PyObject *results = PyDict_New();
  if (!results || RF_ENTER(bench) < 0)
    return NULL;
  MEASURE(ns, ROUNDS, &plain);
  put(results, "plain static", ns);
  MEASURE(ns, ROUNDS, &per_thread);
  put(results, "thread_local, hoisted", ns);
  MEASURE(ns, ROUNDS, (struct counter *)PyModule_GetState(module));
  put(results, "PyModule_GetState", ns);
#if PY_VERSION_HEX >= 0x030B0000
  static PyType_Slot slots[] = {{0, NULL}};
  static PyType_Spec spec = {"access_bench.Type", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};
  PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
  if (!type)
    return NULL;
  MEASURE(ns, ROUNDS, (struct counter *)PyModule_GetState(PyType_GetModuleByDef(type, &bench_module)));
  put(results, "PyType_GetModuleByDef", ns);
#endif
  MEASURE(ns, ROUNDS, (struct counter *)PyModule_GetState(PyState_FindModule(&bench_module)));
  put(results, "PyState_FindModule", ns);
  for (Py_ssize_t i = 0; i < PyList_Size(counts); i++) {
    int count = (int)PyLong_AsLong(PyList_GetItem(counts, i));
    char name[64];
    snprintf(name, sizeof name, "RF_GET, %d interpreters", count);
    put(results, name, in_crowd(count - 1));
  }
  return results;
}

static PyMethodDef methods[] = {{"bench", run, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef bench_module = {
    PyModuleDef_HEAD_INIT, "access_bench", NULL, sizeof(struct counter), methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_access_bench(void) {
  PyObject *module = PyModule_Create(&bench_module);
#ifdef Py_GIL_DISABLED
  if (module)
    PyUnstable_Module_SetGIL(module, Py_MOD_GIL_NOT_USED);
#endif
  return module;
}
