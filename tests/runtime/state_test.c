// State and load guard in an embedding program, one check after another; exits 1 where one failed.
//   state_test [dlopen]     `dlopen`: libpython came with dlopen, so that Python has to be asked for the current thread
#include <ringfence.h>

#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static PyThreadState *new_interpreter(void) {
#if PY_VERSION_HEX >= 0x030C0000
  PyInterpreterConfig config = {
      .allow_threads = 1, .allow_fork = 1, .check_multi_interp_extensions = 1, .gil = PyInterpreterConfig_OWN_GIL};
  PyThreadState *thread = NULL;
  if (PyStatus_Exception(Py_NewInterpreterFromConfig(&thread, &config)))
    abort();
  return thread;
#else
  return Py_NewInterpreter();
#endif
}

// ---- State

struct counted {
  PyObject *dict;
  int value;
};
static atomic_int inits, clears, fail_next;
static int counted_init(struct counted *s);
static void counted_clear(struct counted *s) {
  Py_CLEAR(s->dict);
  clears++;
}
static int counted_traverse(struct counted *s, visitproc visit, void *arg) {
  Py_VISIT(s->dict);
  return 0;
}
RF_STATE_GC(counted, struct counted, counted_init, counted_clear, counted_traverse)
RF_STATE(plain, int, NULL, NULL)

static int counted_init(struct counted *s) {
  inits++;
  s->value = 1;
  if (RF_GET(counted) != s) // the thread itself sees the unfinished block
    return -1;
  Py_BEGIN_ALLOW_THREADS usleep(20000); // let others come
  Py_END_ALLOW_THREADS s->dict = PyDict_New();
  if (fail_next) {
    fail_next = 0;
    PyErr_SetString(PyExc_ValueError, "planted");
    return -1;
  }
  s->value = 7;
  return s->dict ? 0 : -1;
}

static void *without_thread_state(void *result) {
  *(int *)result = RF_GET(counted) == NULL;
  return NULL;
}

static void *use_counted(void *interp) {
  PyThreadState *thread = PyThreadState_New(interp);
  PyEval_RestoreThread(thread);
  struct counted *s = RF_GET(counted);
  CHECK(s && s->value == 7);
  PyThreadState_Clear(thread);
  PyThreadState_DeleteCurrent();
  return NULL;
}

static void test_init_once_and_failure(void) {
  fail_next = 1;
  CHECK(RF_GET(counted) == NULL && PyErr_ExceptionMatches(PyExc_ValueError));
  PyErr_Clear();
  CHECK(inits == 1 && clears == 1);

  pthread_t threads[4];
  int alone = 0;
  PyInterpreterState *interp = PyInterpreterState_Get();
  PyThreadState *saved = PyEval_SaveThread();
  for (int i = 0; i < 4; i++)
    pthread_create(&threads[i], NULL, use_counted, interp);
  for (int i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  pthread_create(&threads[0], NULL, without_thread_state, &alone);
  pthread_join(threads[0], NULL);
  PyEval_RestoreThread(saved);
  CHECK(inits == 2); // four threads at once, one init
  CHECK(alone);
}

static void test_clear_on_request(void) {
  int before = inits;
  RF_GET(counted)->value = 9;
  RF_CLEAR(counted);
  CHECK(RF_GET(counted)->value == 7 && inits == before + 1);
}

static void test_collector_sees_the_state(void) {
  PyObject *globals = PyDict_New(), *dict = RF_GET(counted)->dict;
  PyDict_SetItemString(globals, "d", dict);
  PyObject *seen = PyRun_String("any(type(r).__name__ == 'StateHolder' for r in __import__('gc').get_referrers(d))",
                                Py_eval_input, globals, globals);
  CHECK(seen == Py_True);
  Py_XDECREF(seen);
  Py_DECREF(globals);
}

static void test_each_interpreter_has_its_own(void) {
  CHECK(RF_ENTER(plain) == 0);
  int *mine = RF_GET(plain);
  PyThreadState *home = PyThreadState_Get(), *other = new_interpreter();
  CHECK(RF_ENTER(plain) == 0);
  CHECK(RF_GET(plain) != mine);
  *RF_GET(plain) = 5;
  Py_EndInterpreter(other);
  PyThreadState_Swap(home);
  CHECK(RF_GET(plain) == mine && *mine == 0);
}

static void test_leaking_interpreter_is_cleared(void) {
  PyThreadState *home = PyThreadState_Get(), *other = new_interpreter();
  int before = clears;
  CHECK(RF_GET(counted) != NULL);
#if PY_VERSION_HEX < 0x030C0000
  Py_XINCREF(PyImport_AddModule("leaked")); // a leak is fatal in an interpreter with its own allocator
#endif
  Py_EndInterpreter(other);
  PyThreadState_Swap(home);
  CHECK(clears == before + 1);
  CHECK(RF_GET(counted)->value == 7);
}

static void test_fork(void) {
#if PY_VERSION_HEX < 0x030E0000
  PyOS_BeforeFork();
  pid_t child = fork();
  if (child == 0) {
    PyOS_AfterFork_Child();
    _exit(RF_GET(counted)->value == 7 ? 0 : 1);
  }
  PyOS_AfterFork_Parent();
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
#endif
}

// More interpreters than a slot has places: each has its own block, before and after others end.
static void test_crowd(void) {
  enum { CROWD = 40 };
  PyThreadState *home = PyThreadState_Get(), *crowd[CROWD];
  for (int i = 0; i < CROWD; i++) {
    crowd[i] = Py_NewInterpreter();
    *RF_GET(plain) = i;
  }
  int right = 0;
  for (int i = 0; i < CROWD; i++) {
    PyThreadState_Swap(crowd[i]);
    right += *RF_GET(plain) == i;
    if (i % 2 == 0) {
      Py_EndInterpreter(crowd[i]);
      PyThreadState_Swap(home);
      crowd[i] = Py_NewInterpreter();
      right += *RF_GET(plain) == 0;
    }
  }
  for (int i = 0; i < CROWD; i++) {
    PyThreadState_Swap(crowd[i]);
    right += *RF_GET(plain) == (i % 2 ? i : 0);
    Py_EndInterpreter(crowd[i]);
  }
  PyThreadState_Swap(home);
  CHECK(right == 2 * CROWD + CROWD / 2);
}

// Where Python's thread state is read without a call, that is what Python would have said, in a second thread too.
static void *compare_thread(void *interp) {
  CHECK(RF_GET(counted) == NULL);
  PyThreadState *thread = PyThreadState_New(interp);
  PyEval_RestoreThread(thread);
  CHECK(rf_current_interpreter() == interp);
  PyThreadState_Clear(thread);
  PyThreadState_DeleteCurrent();
  return NULL;
}

static void test_thread_state_without_a_call(int from_dlopen) {
#ifdef RF__THREAD_BASE
  CHECK((rf_thread_offset != 0) == !(from_dlopen && PY_VERSION_HEX >= 0x030C0000));
#else
  CHECK(rf_thread_offset == 0);
  (void)from_dlopen;
#endif
  pthread_t other;
  PyInterpreterState *interp = PyInterpreterState_Get();
  CHECK(rf_current_interpreter() == interp);
  PyThreadState *saved = PyEval_SaveThread();
  pthread_create(&other, NULL, compare_thread, interp);
  pthread_join(other, NULL);
  PyEval_RestoreThread(saved);
}

// ---- Guard

static rf_guard guard = RF_GUARD_INIT(RF_REFUSE_SECOND);
static atomic_int exec_fails, exec_runs, exec_at_once, exec_overlaps;

static int real_exec(PyObject *module) {
  (void)module;
  exec_runs++;
  exec_overlaps += atomic_fetch_add(&exec_at_once, 1) != 0;
  Py_BEGIN_ALLOW_THREADS usleep(20000);
  Py_END_ALLOW_THREADS exec_at_once--;
  if (exec_fails) {
    PyErr_SetString(PyExc_ValueError, "planted");
    return -1;
  }
  return 0;
}
static int guarded_exec(PyObject *module) { return rf_load_guard(&guard, module, real_exec); }
static PyModuleDef_Slot guarded_slots[] = {{Py_mod_exec, (void *)guarded_exec},
#if PY_VERSION_HEX >= 0x030C0000
                                           {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#ifdef Py_GIL_DISABLED
                                           {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
                                           {0, NULL}};
static PyModuleDef guarded_def = {PyModuleDef_HEAD_INIT, "guarded", NULL, 0, NULL, guarded_slots, NULL, NULL, NULL};
static PyObject *init_guarded(void) { return PyModuleDef_Init(&guarded_def); }

// 0, or the exception's type (borrowed).
static PyObject *import_guarded(void) {
  PyObject *module = PyImport_ImportModule("guarded");
  PyObject *error = module ? NULL : PyErr_Occurred();
  PyErr_Clear();
  Py_XDECREF(module);
  return error;
}

static void test_guard_refuses_while_loaded(void) {
  exec_fails = 1;
  CHECK(import_guarded() == PyExc_ValueError); // undone on failure
  exec_fails = 0;
  PyThreadState *home = PyThreadState_Get(), *first = new_interpreter();
  CHECK(import_guarded() == NULL);
  CHECK(PyRun_SimpleString("import sys; del sys.modules['guarded']") == 0);
  CHECK(import_guarded() == NULL); // the owner may load it again
  PyThreadState_Swap(home);
  CHECK(import_guarded() == PyExc_ImportError);
  PyThreadState_Swap(first);
  Py_EndInterpreter(first);
  PyThreadState_Swap(home);
  CHECK(import_guarded() == NULL); // the owner has ended
}

struct race {
  PyInterpreterState *main;
  int loaded, refused;
};

static void *race_import(void *argument) {
  struct race *race = argument;
  PyThreadState *home = PyThreadState_New(race->main);
  PyEval_RestoreThread(home);
  PyThreadState *thread = new_interpreter();
  PyObject *error = import_guarded();
  race->loaded = error == NULL;
  race->refused = error == PyExc_ImportError;
  Py_BEGIN_ALLOW_THREADS usleep(200000); // all interpreters live until each has tried
  Py_END_ALLOW_THREADS Py_EndInterpreter(thread);
  PyThreadState_Swap(home);
  PyThreadState_Clear(home);
  PyThreadState_DeleteCurrent();
  return NULL;
}

static void test_guard_under_concurrent_imports(void) {
  enum { THREADS = 4 };
  pthread_t threads[THREADS];
  struct race race[THREADS];
  PyInterpreterState *interp = PyInterpreterState_Get();
  PyThreadState *saved = PyEval_SaveThread();
  for (int i = 0; i < THREADS; i++) {
    race[i] = (struct race){interp, 0, 0};
    pthread_create(&threads[i], NULL, race_import, &race[i]);
  }
  int loaded = 0, refused = 0;
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    loaded += race[i].loaded;
    refused += race[i].refused;
  }
  PyEval_RestoreThread(saved);
  CHECK(loaded >= 1 && loaded + refused == THREADS && exec_overlaps == 0);
}

int main(int argc, char **argv) {
  (void)argv;
  PyImport_AppendInittab("guarded", init_guarded);
  for (int cycle = 0; cycle < 3; cycle++) {
    inits = clears = 0;
    Py_InitializeEx(0);
    test_init_once_and_failure();
    test_clear_on_request();
    test_collector_sees_the_state();
    test_each_interpreter_has_its_own();
    test_leaking_interpreter_is_cleared();
    test_fork();
    test_crowd();
    test_thread_state_without_a_call(argc > 1);
    test_guard_under_concurrent_imports(); // before main owns the guard
    test_guard_refuses_while_loaded();
    Py_FinalizeEx();
    CHECK(inits == clears && rf_state_counts().blocks == 0 && rf_state_counts().interpreters == 0);
  }
  printf("%s\n", failures ? "FAILED" : "ok");
  return failures != 0;
}
