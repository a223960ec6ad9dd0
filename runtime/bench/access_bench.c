// What one access to module state costs, in nanoseconds: a plain static, thread_local (whose address the compiler computes
// before the loop), PyModule_GetState, PyState_FindModule, and RF_GET while the main interpreter is alone and after a
// second one has entered. A module with one function, bench() -> {name: ns}; scripts/bench-runtime builds and prints it.
#include <ringfence.h>

#include <time.h>

// Short rounds and the best of many: on a busy machine some round runs undisturbed.
enum { ACCESSES = 200000, ROUNDS = 400 };

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
#define MEASURE(result, access)                                                                                        \
  do {                                                                                                                 \
    double best = 1e9;                                                                                                 \
    long sum = 0;                                                                                                      \
    for (int round = 0; round < ROUNDS; round++) {                                                                     \
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

static PyObject *run(PyObject *module, PyObject *unused) {
  (void)unused;
  double in_static, in_thread_local, in_module, in_find_module, alone = 0, many;
  MEASURE(in_static, &plain);
  MEASURE(in_thread_local, &per_thread);
  MEASURE(in_module, (struct counter *)PyModule_GetState(module));
  MEASURE(in_find_module, (struct counter *)PyModule_GetState(PyState_FindModule(&bench_module)));
  if (RF_ENTER(bench) < 0)
    return NULL;
  MEASURE(alone, RF_GET(bench));
  void *only = rf_bench_slot.only;
  rf_bench_slot.only = NULL; // as after another interpreter has entered
  MEASURE(many, RF_GET(bench));
  rf_bench_slot.only = only;
  return Py_BuildValue("{s:d,s:d,s:d,s:d,s:d,s:d}", "plain static", in_static, "thread_local, hoisted", in_thread_local,
                       "PyModule_GetState", in_module, "PyState_FindModule", in_find_module, "RF_GET, main alone",
                       alone, "RF_GET, many interpreters", many);
}

static PyMethodDef methods[] = {{"bench", run, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef bench_module = {
    PyModuleDef_HEAD_INIT, "access_bench", NULL, sizeof(struct counter), methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_access_bench(void) { return PyModule_Create(&bench_module); }
