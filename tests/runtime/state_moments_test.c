// State asked for at any moment: with an exception set, without a thread state, in a finaliser that RF_CLEAR runs, and
// while another thread's init is under way, be it at a fork, at Python's end, or waiting for this very thread.
#include <ringfence.h>

#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static void in_other_thread(void *(*run)(void *), void *argument) {
  pthread_t thread;
  pthread_create(&thread, NULL, run, argument);
  pthread_join(thread, NULL);
}

// ---- An exception that is set

struct dict_state {
  PyObject *dict;
};
static int dict_init(struct dict_state *s) {
  s->dict = PyDict_New();
  return s->dict && !PyErr_Occurred() ? 0 : -1;
}
static int failing_init(struct dict_state *s) {
  (void)s;
  PyErr_SetString(PyExc_KeyError, "planted");
  return -1;
}
static void dict_clear(struct dict_state *s) { Py_CLEAR(s->dict); }
RF_STATE(dict, struct dict_state, dict_init, dict_clear)
RF_STATE(failing, struct dict_state, failing_init, dict_clear)

static void test_exception_is_kept(void) {
  PyErr_SetString(PyExc_ValueError, "set before");
  CHECK(RF_GET(dict) && RF_GET(dict)->dict);
  CHECK(PyErr_ExceptionMatches(PyExc_ValueError));
  RF_CLEAR(dict);
  CHECK(RF_ENTER(dict) == 0);
  CHECK(PyErr_ExceptionMatches(PyExc_ValueError));

  CHECK(RF_GET(failing) == NULL && PyErr_ExceptionMatches(PyExc_KeyError));
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  PyObject *context = PyException_GetContext(value);
  CHECK(context && PyErr_GivenExceptionMatches(context, PyExc_ValueError));
  Py_XDECREF(context);
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(traceback);
}

// ---- Without a thread state

static void *ask(void *result) {
  *(void **)result = RF_GET(dict);
  return NULL;
}

static void test_without_a_thread_state(void) {
  CHECK(RF_ENTER(dict) == 0);
  PyThreadState *home = PyThreadState_Get();
  for (int others = 0; others < 2; others++) {
    void *result = &result;
    PyThreadState *sub = others ? Py_NewInterpreter() : NULL;
    CHECK(RF_ENTER(dict) == 0);
    in_other_thread(ask, &result); // while this one holds the GIL
    CHECK(result == NULL);
    result = &result;
    PyThreadState *saved = PyEval_SaveThread();
    in_other_thread(ask, &result);
    CHECK(result == NULL);
    PyEval_RestoreThread(saved);
    if (sub)
      Py_EndInterpreter(sub);
    PyThreadState_Swap(home);
  }
}

// ---- A finaliser that puts something back

struct kept {
  PyObject *object;
};
static int alive, put_back;
static void kept_clear(struct kept *s) { Py_CLEAR(s->object); }
RF_STATE(kept, struct kept, NULL, kept_clear)

static void dies(PyObject *capsule);
static PyObject *new_object(void) {
  alive++;
  return PyCapsule_New(&alive, NULL, dies);
}
static void dies(PyObject *capsule) {
  (void)capsule;
  alive--;
  if (put_back-- > 0)
    RF_GET(kept)->object = new_object();
}

static void test_finaliser_puts_back(void) {
  PyObject *first = RF_GET(kept)->object = new_object();
  put_back = 1;
  RF_CLEAR(kept);
  CHECK(RF_GET(kept)->object && RF_GET(kept)->object != first && alive == 1);
  RF_CLEAR(kept);
  CHECK(RF_GET(kept)->object == NULL && alive == 0);

  PyThreadState *home = PyThreadState_Get(), *sub = Py_NewInterpreter();
  RF_GET(kept)->object = new_object();
  put_back = 2;
  Py_EndInterpreter(sub);
  PyThreadState_Swap(home);
  CHECK(alive == 0);
}

// ---- An init under way in another thread

struct slow {
  long seen; // what init found here: never anything but 0
  long value;
};
static atomic_int in_init, go_on, slow_inits;
static struct slow *abandoned;
static int slow_init(struct slow *s) {
  s->seen = s->value;
  if (slow_inits++ == 0) {
    s->value = 1;
    abandoned = s;
    in_init = 1;
    Py_BEGIN_ALLOW_THREADS; // as a thread of C does that may go on after Python's end
    while (!go_on) {
      s->value++;
      usleep(1000);
    }
    Py_END_ALLOW_THREADS;
  }
  s->value = 7;
  return 0;
}
RF_STATE(slow, struct slow, slow_init, NULL)

static void *use_slow(void *interp) {
  PyThreadState *thread = PyThreadState_New(interp);
  PyEval_RestoreThread(thread);
  struct slow *s = RF_GET(slow);
  CHECK(s && s->value == 7);
  PyThreadState_Clear(thread);
  PyThreadState_DeleteCurrent();
  return NULL;
}

static pthread_t begin_slow(void) {
  pthread_t thread;
  slow_inits = in_init = go_on = 0;
  pthread_create(&thread, NULL, use_slow, PyInterpreterState_Get());
  Py_BEGIN_ALLOW_THREADS;
  while (!in_init)
    usleep(1000);
  Py_END_ALLOW_THREADS;
  return thread;
}

static int is_fresh(struct slow *s) { return s && s != abandoned && s->seen == 0 && s->value == 7; }

static void test_fork(void) {
  pthread_t thread = begin_slow();
  PyOS_BeforeFork();
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    PyOS_AfterFork_Child();
    _exit(is_fresh(RF_GET(slow)) ? 0 : 1);
  }
  PyOS_AfterFork_Parent();
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  go_on = 1;
  Py_BEGIN_ALLOW_THREADS;
  pthread_join(thread, NULL);
  Py_END_ALLOW_THREADS;
  CHECK(RF_GET(slow) == abandoned && slow_inits == 1);
  RF_CLEAR(slow);
}

static int asked_late;
static void asks_late(PyObject *capsule) {
  (void)capsule;
  asked_late++;
  struct slow *s = RF_GET(slow);
  CHECK(s && s != abandoned && s->seen == 0);
}

// The thread goes on in C after the end; no later Python sees the block that it writes to.
static void test_python_ends(void) {
  pthread_detach(begin_slow());
  PyObject *late = PyCapsule_New(&asked_late, NULL, asks_late);
  PyDict_SetItemString(PyEval_GetBuiltins(), "ringfence_test_late", late);
  Py_DECREF(late);
  Py_FinalizeEx();
  CHECK(asked_late == 1);
  for (int cycle = 0; cycle < 3; cycle++) {
    Py_InitializeEx(0);
    CHECK(is_fresh(RF_GET(slow)));
    Py_FinalizeEx();
  }
}

// ---- An init that imports what another thread is importing, whose module uses the state

static atomic_int importing, initialising;
static int imports_init(struct dict_state *s) {
  initialising = 1;
  Py_BEGIN_ALLOW_THREADS;
  while (!importing)
    usleep(1000);
  Py_END_ALLOW_THREADS;
  s->dict = PyImport_ImportModule("asks");
  return s->dict ? 0 : -1;
}
RF_STATE(imports, struct dict_state, imports_init, dict_clear)

static int asks_exec(PyObject *module) {
  (void)module;
  importing = 1;
  Py_BEGIN_ALLOW_THREADS;
  while (!initialising)
    usleep(1000);
  Py_END_ALLOW_THREADS;
  return RF_GET(imports) ? 0 : -1;
}
static PyModuleDef_Slot asks_slots[] = {{Py_mod_exec, (void *)asks_exec},
#ifdef Py_GIL_DISABLED
                                        {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
                                        {0, NULL}};
static PyModuleDef asks_def = {PyModuleDef_HEAD_INIT, "asks", NULL, 0, NULL, asks_slots, NULL, NULL, NULL};
static PyObject *init_asks(void) { return PyModuleDef_Init(&asks_def); }

static void *import_asks(void *interp) {
  PyThreadState *thread = PyThreadState_New(interp);
  PyEval_RestoreThread(thread);
  PyObject *module = PyImport_ImportModule("asks");
  CHECK(module != NULL);
  Py_XDECREF(module);
  PyThreadState_Clear(thread);
  PyThreadState_DeleteCurrent();
  return NULL;
}

static void test_init_imports(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, import_asks, PyInterpreterState_Get());
  struct dict_state *s = RF_GET(imports);
  CHECK(s && s->dict && s == RF_GET(imports));
  Py_BEGIN_ALLOW_THREADS;
  pthread_join(thread, NULL);
  Py_END_ALLOW_THREADS;
  CHECK(RF_GET(imports)->dict != NULL);
}

int main(void) {
  alarm(100); // a hang is a failure
  PyImport_AppendInittab("asks", init_asks);
  Py_InitializeEx(0);
  test_exception_is_kept();
  test_without_a_thread_state();
  test_finaliser_puts_back();
  test_fork();
  test_init_imports();
  test_python_ends();
  printf("%s\n", failures ? "FAILED" : "ok");
  fflush(stdout);
  _exit(failures != 0); // the thread of test_python_ends still runs
}
