// Four threads of one interpreter ask for the same states for the first time at once, in one interpreter after another:
// one init each, and the collector sees both. Says most without a GIL.
//   state_first_use_test INTERPRETERS
#include <ringfence.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 4, TURNS = 20 };

struct dict_state {
  PyObject *dict;
};
static atomic_int inits, clears, without_block;
static int dict_init(struct dict_state *s) {
  inits++;
  s->dict = PyDict_New();
  return s->dict ? 0 : -1;
}
static void dict_clear(struct dict_state *s) {
  clears++;
  Py_CLEAR(s->dict);
}
static int dict_traverse(struct dict_state *s, visitproc visit, void *arg) {
  Py_VISIT(s->dict);
  return 0;
}
RF_STATE_GC(one, struct dict_state, dict_init, dict_clear, dict_traverse)
RF_STATE_GC(two, struct dict_state, dict_init, dict_clear, dict_traverse)

static pthread_barrier_t barrier;

static void *use(void *interp) {
  PyThreadState *thread = PyThreadState_New(interp);
  pthread_barrier_wait(&barrier);
  PyEval_RestoreThread(thread);
  for (int turn = 0; turn < TURNS; turn++)
    without_block += !RF_GET(one) || !RF_GET(two) || !RF_GET(one)->dict;
  PyGC_Collect();
  PyThreadState_Clear(thread);
  PyThreadState_DeleteCurrent();
  return NULL;
}

static int collector_sees(PyObject *dict) {
  PyObject *globals = PyDict_New();
  PyDict_SetItemString(globals, "d", dict);
  PyObject *seen = PyRun_String("any(type(r).__name__ == 'StateHolder' for r in __import__('gc').get_referrers(d))",
                                Py_eval_input, globals, globals);
  Py_XDECREF(seen);
  Py_DECREF(globals);
  return seen == Py_True;
}

int main(int argc, char **argv) {
  int interpreters = argc > 1 ? atoi(argv[1]) : 60, seen = 0;
  Py_InitializeEx(0);
  PyThreadState *home = PyThreadState_Get();
  pthread_barrier_init(&barrier, NULL, THREADS);
  for (int i = 0; i < interpreters; i++) {
    PyThreadState *sub = Py_NewInterpreter();
    PyInterpreterState *interp = PyInterpreterState_Get();
    pthread_t threads[THREADS];
    PyThreadState *saved = PyEval_SaveThread();
    for (int t = 0; t < THREADS; t++)
      pthread_create(&threads[t], NULL, use, interp);
    for (int t = 0; t < THREADS; t++)
      pthread_join(threads[t], NULL);
    PyEval_RestoreThread(saved);
    seen += collector_sees(RF_GET(one)->dict) && collector_sees(RF_GET(two)->dict);
    Py_EndInterpreter(sub);
    PyThreadState_Swap(home);
  }
  Py_FinalizeEx();
  printf("%d interpreters: %d inits, %d clears, %d times without a block, the collector sees the state in %d\n",
         interpreters, (int)inits, (int)clears, (int)without_block, seen);
  return inits != 2 * interpreters || clears != inits || without_block || seen != interpreters;
}
