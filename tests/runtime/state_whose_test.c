// Whose is the current thread state? Before Python 3.12 there is one for all threads: a thread that has released the GIL
// has no state, whoever holds the GIL with which thread state; one that holds the GIL with a thread state that another
// thread made has that interpreter's.
#include <ringfence.h>

#include "check.h"

#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

RF_STATE(here, PyInterpreterState *, NULL, NULL)

// ---- Threads that know Python and have released the GIL

static sem_t released, ask, answered;
static void *answer;

static void ask_and_answer(void) {
  sem_post(&released);
  sem_wait(&ask);
  answer = RF_GET(here);
  sem_post(&answered);
}

// While the caller holds the GIL.
static int is_without_state(void) {
  answer = &answer;
  sem_post(&ask);
  sem_wait(&answered);
  return answer == NULL;
}

enum { MADE, ENSURED, ENSURED_BEFORE, RUNS_PYTHON, SWAPPED, WAYS };

static void *asker(void *way) {
  PyThreadState *own = NULL, *sub = NULL;
  PyGILState_STATE ensured = PyGILState_UNLOCKED;
  if (way == (void *)MADE || way == (void *)SWAPPED) {
    own = PyThreadState_New(PyInterpreterState_Main());
    PyEval_RestoreThread(own);
  } else {
    ensured = PyGILState_Ensure();
  }
  if (way == (void *)ENSURED_BEFORE) {
    PyGILState_Release(ensured);
    ask_and_answer();
    return NULL;
  }
  if (way == (void *)SWAPPED)
    sub = Py_NewInterpreter();
  if (way == (void *)RUNS_PYTHON) {
    PyRun_SimpleString("import whose; whose.ask_and_answer()");
  } else {
    Py_BEGIN_ALLOW_THREADS;
    ask_and_answer();
    Py_END_ALLOW_THREADS;
  }
  if (sub) {
    Py_EndInterpreter(sub);
    PyThreadState_Swap(own);
  }
  if (own) {
    PyThreadState_Clear(own);
    PyThreadState_DeleteCurrent();
  } else {
    PyGILState_Release(ensured);
  }
  return NULL;
}

static void test_released(void) {
  PyThreadState *home = PyThreadState_Get(), *sub = Py_NewInterpreter();
  for (long way = 0; way < WAYS; way++) {
    pthread_t thread;
    Py_BEGIN_ALLOW_THREADS;
    pthread_create(&thread, NULL, asker, (void *)way);
    sem_wait(&released);
    Py_END_ALLOW_THREADS;
    PyThreadState_Swap(way % 2 ? home : sub);
    if (way % 2)
      CHECK(RF_GET(here) && is_without_state());
    else
      CHECK(PyRun_SimpleString("import whose; assert whose.is_without_state()") == 0);
    Py_BEGIN_ALLOW_THREADS;
    pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS;
  }
  PyThreadState_Swap(sub);
  Py_EndInterpreter(sub);
  PyThreadState_Swap(home);
}

// ---- This thread has released the GIL, another one holds it

static PyThreadState *made_by_main;

static void *holder(void *code) {
  sem_wait(&released);
  PyThreadState *own = PyThreadState_New(PyInterpreterState_Main());
  PyEval_RestoreThread(own);
  if (code)
    PyRun_SimpleString(code);
  else
    CHECK(RF_GET(here) && is_without_state());
  PyThreadState_Clear(own);
  PyThreadState_DeleteCurrent();
  return NULL;
}

static void ask_while_others_hold(const char *code) {
  pthread_t thread;
  pthread_create(&thread, NULL, holder, (void *)(uintptr_t)code);
  Py_BEGIN_ALLOW_THREADS;
  ask_and_answer();
  pthread_join(thread, NULL);
  Py_END_ALLOW_THREADS;
}

static PyObject *py_ask_while_others_hold(PyObject *module, PyObject *unused) {
  (void)module, (void)unused;
  ask_while_others_hold(NULL);
  ask_while_others_hold("import whose\nfor i in range(3): pass\nassert whose.is_without_state()");
  Py_RETURN_NONE;
}

// ---- A thread state that another thread made

// Whether the state is that of the interpreter that runs.
static int is_mine(PyThreadState *thread) {
  PyInterpreterState **block = RF_GET(here);
  if (block && !*block)
    *block = thread->interp;
  return block && *block == thread->interp;
}

static const char *retakes = "import time, whose\n"
                             "for i in range(5):\n"
                             "  time.sleep(0.001)\n"
                             "  assert whose.is_mine()\n";

static void *swaps(void *unused) {
  (void)unused;
  PyThreadState *own = PyThreadState_New(PyInterpreterState_Main());
  PyEval_RestoreThread(own);
  PyThreadState_Swap(made_by_main);
  CHECK(is_mine(made_by_main));
  Py_BEGIN_ALLOW_THREADS;
  Py_END_ALLOW_THREADS; // and not the one before the swap
  CHECK(is_mine(made_by_main));
  CHECK(PyRun_SimpleString(retakes) == 0);
  PyThreadState_Swap(own);
  CHECK(is_mine(own));
  PyThreadState_Clear(own);
  PyThreadState_DeleteCurrent();
  return NULL;
}

static void *takes(void *unused) {
  (void)unused;
  PyEval_RestoreThread(made_by_main);
  CHECK(PyRun_SimpleString(retakes) == 0);
  PyEval_SaveThread();
  return NULL;
}

static void test_made_elsewhere(void) {
  void *(*uses[])(void *) = {swaps, takes};
  PyThreadState *home = PyThreadState_Get(), *sub = Py_NewInterpreter();
  for (int use = 0; use < 2; use++) {
    pthread_t thread;
    PyThreadState_Swap(home);
    made_by_main = sub;
    Py_BEGIN_ALLOW_THREADS;
    pthread_create(&thread, NULL, uses[use], NULL);
    pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS;
  }
  PyThreadState_Swap(sub);
  CHECK(is_mine(sub));
  Py_EndInterpreter(sub);
  PyThreadState_Swap(home);
}

// As the standard library does it: an interpreter runs in whichever thread asks.
static const char *from_other_threads =
    "import threading\n"
    "try: import _xxsubinterpreters as interpreters\n"
    "except ImportError: interpreters = None\n" // from 3.13 on each thread has a thread state of its own there
    "if interpreters:\n"
    "  ids = [interpreters.create() for i in range(3)]\n"
    "  run = lambda id: interpreters.run_string(id, RETAKES)\n"
    "  threads = [threading.Thread(target=run, args=(id,)) for id in ids]\n"
    "  failed = []\n"
    "  threading.excepthook = lambda arguments: failed.append(arguments.exc_value)\n"
    "  for thread in threads: thread.start()\n"
    "  for thread in threads: thread.join()\n"
    "  for id in ids: interpreters.run_string(id, RETAKES)\n"
    "  for id in ids: interpreters.destroy(id)\n"
    "  assert not failed, failed\n";

static void test_run_string(void) {
  PyObject *main = PyImport_AddModule("__main__"), *code = PyUnicode_FromString(retakes);
  PyObject_SetAttrString(main, "RETAKES", code);
  Py_DECREF(code);
  CHECK(PyRun_SimpleString(from_other_threads) == 0);
}

// ---- For Python code

static PyObject *py_ask_and_answer(PyObject *module, PyObject *unused) {
  (void)module, (void)unused;
  Py_BEGIN_ALLOW_THREADS;
  ask_and_answer();
  Py_END_ALLOW_THREADS;
  Py_RETURN_NONE;
}
static PyObject *py_is_without_state(PyObject *module, PyObject *unused) {
  (void)module, (void)unused;
  return PyBool_FromLong(is_without_state());
}
static PyObject *py_is_mine(PyObject *module, PyObject *unused) {
  (void)module, (void)unused;
  return PyBool_FromLong(is_mine(PyThreadState_Get()));
}
static PyMethodDef methods[] = {{"ask_and_answer", py_ask_and_answer, METH_NOARGS, NULL},
                                {"is_without_state", py_is_without_state, METH_NOARGS, NULL},
                                {"ask_while_others_hold", py_ask_while_others_hold, METH_NOARGS, NULL},
                                {"is_mine", py_is_mine, METH_NOARGS, NULL},
                                {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "whose", NULL, 0, methods, slots, NULL, NULL, NULL};
static PyObject *init(void) { return PyModuleDef_Init(&module); }

int main(void) {
  alarm(100); // a hang is a failure
  sem_init(&released, 0, 0);
  sem_init(&ask, 0, 0);
  sem_init(&answered, 0, 0);
  PyImport_AppendInittab("whose", init);
  Py_InitializeEx(0);
  CHECK(RF_ENTER(here) == 0);
  test_released();
  ask_while_others_hold(NULL);
  CHECK(PyRun_SimpleString("import whose; whose.ask_while_others_hold()") == 0);
  test_made_elsewhere();
  test_run_string();
  Py_FinalizeEx();
  printf("%s\n", failures ? "FAILED" : "ok");
  return failures != 0;
}
