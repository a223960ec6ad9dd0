// Python is finalised and initialised again and again, and threads that exit end sub-interpreters in between: a new
// interpreter then often has the id and the address of one that is gone, and must share nothing with it.
//   state_reborn_test CYCLES
#include <ringfence.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct dict_state {
  PyObject *dict;
};
static int inits, clears;
static int dict_init(struct dict_state *s) {
  inits++;
  s->dict = PyDict_New();
  return s->dict ? 0 : -1;
}
static void dict_clear(struct dict_state *s) {
  clears++;
  Py_CLEAR(s->dict);
}
RF_STATE(reborn, struct dict_state, dict_init, dict_clear)

static rf_guard guard = RF_GUARD_INIT(RF_REFUSE_SECOND);
static int nothing(PyObject *module) {
  (void)module;
  return 0;
}

static int uninitialised, refused, same_address;
static PyInterpreterState *last;

static PyThreadState *new_interpreter(int own_gil) {
#if PY_VERSION_HEX >= 0x030C0000
  PyInterpreterConfig config = {
      .allow_threads = 1, .check_multi_interp_extensions = 1, .gil = PyInterpreterConfig_OWN_GIL};
  PyThreadState *thread = NULL;
  if (own_gil) {
    if (PyStatus_Exception(Py_NewInterpreterFromConfig(&thread, &config)))
      abort();
    return thread;
  }
#endif
  (void)own_gil;
  return Py_NewInterpreter();
}

static void *life(void *main_interpreter) {
  static int turn;
  PyThreadState *home = PyThreadState_New(main_interpreter);
  PyEval_RestoreThread(home);
  PyThreadState *thread = new_interpreter(turn++ % 2);
  same_address += PyInterpreterState_Get() == last;
  last = PyInterpreterState_Get();
  PyObject *module = PyModule_New("m");
  if (rf_load_guard(&guard, module, nothing) < 0) {
    refused++;
    PyErr_Clear();
  }
  struct dict_state *s = RF_GET(reborn);
  uninitialised += !s || !s->dict;
  Py_DECREF(module);
  Py_EndInterpreter(thread);
  PyThreadState_Swap(home);
  PyThreadState_Clear(home);
  PyThreadState_DeleteCurrent();
  return NULL;
}

int main(int argc, char **argv) {
  int cycles = argc > 1 ? atoi(argv[1]) : 20;
  for (int cycle = 0; cycle < cycles; cycle++) {
    Py_InitializeEx(0);
    PyInterpreterState *interp = PyInterpreterState_Get();
    PyThreadState *saved = PyEval_SaveThread();
    pthread_t thread;
    pthread_create(&thread, NULL, life, interp);
    pthread_join(thread, NULL);
    PyEval_RestoreThread(saved);
    Py_FinalizeEx();
  }
  rf_counts counts = rf_state_counts();
  printf("%d cycles, the same address in %d: %d not initialised, %d refused, %d of %d inits cleared, %zu live blocks\n",
         cycles, same_address, uninitialised, refused, clears, inits, counts.blocks);
  return uninitialised || refused || inits != cycles || clears != cycles || counts.blocks || counts.interpreters;
}
