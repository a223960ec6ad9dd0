// Interpreters are born, swapped and ended by several threads at once, many by another thread than made them, over several
// Py_Initialize cycles with new threads and two forks each; every access to the state must reach the block of the interpreter that the thread is in.
// Prints one JSON line; exits 1 where a check was wrong, a block leaked, or there were fewer checks than asked for.
//   state_stress CYCLES THREADS ROUNDS CHECKS [own]     `own`: half of the interpreters get a GIL of their own
#include <ringfence.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

// Python's lock of the list of interpreters: what is done in one comes before another gets its address. Without a GIL it is
// none that TSan sees.
#if defined(__SANITIZE_THREAD__) && defined(Py_GIL_DISABLED)
void __tsan_acquire(void *), __tsan_release(void *);
#define LEAVES_LIST() __tsan_release(&wrong)
#define ENTERS_LIST() __tsan_acquire(&wrong)
#else
#define LEAVES_LIST() (void)0
#define ENTERS_LIST() (void)0
#endif

enum { LIVE = 3, CHECKS_PER_VISIT = 30 };

static atomic_long checks, wrong, inits, clears, late, forks, foreign_ends;
static int cycle; // which Py_Initialize we are in: ids begin again at 0 with each

struct tag {
  int64_t interpreter;
  int cycle;
  PyObject *dict;
};

static int tag_init(struct tag *tag) {
  tag->interpreter = PyInterpreterState_GetID(PyInterpreterState_Get());
  tag->cycle = cycle;
  tag->dict = PyDict_New();
  inits++;
  return tag->dict ? 0 : -1;
}
static void tag_clear(struct tag *tag) {
  Py_CLEAR(tag->dict);
  clears++;
}
static int tag_traverse(struct tag *tag, visitproc visit, void *arg) {
  Py_VISIT(tag->dict);
  return 0;
}
RF_STATE_GC(stress, struct tag, tag_init, tag_clear, tag_traverse)
RF_STATE(second, struct tag, tag_init, tag_clear)

static bool is_ours(const struct tag *tag) {
  return tag && tag->cycle == cycle && tag->interpreter == PyInterpreterState_GetID(PyInterpreterState_Get());
}

static void check(void) {
  for (int i = 0; i < CHECKS_PER_VISIT; i++) {
    checks += 2;
    wrong += !is_ours(RF_GET(stress));
    wrong += !is_ours(RF_GET(second));
  }
}

// An object of the interpreter that dies when the interpreter is torn down, maybe after its state.
static void dies_late(PyObject *capsule) {
  (void)capsule;
  struct tag *tag = RF_GET(stress);
  checks++;
  late++;
  wrong += tag == NULL || (tag->cycle != 0 && !is_ours(tag));
  LEAVES_LIST();
}

static void plant_late_objects(void) {
  PyObject *builtins = PyEval_GetBuiltins();
  PyObject *places[] = {builtins, PyInterpreterState_GetDict(PyInterpreterState_Get())};
  for (int i = 0; i < 2; i++) {
    PyObject *capsule = PyCapsule_New(&cycle, NULL, dies_late);
    if (!capsule || PyDict_SetItemString(places[i], "ringfence_test_late", capsule) < 0)
      abort();
    Py_DECREF(capsule);
  }
}

static void *foreign_thread(void *interp) {
  PyThreadState *thread = PyThreadState_New(interp);
  PyEval_RestoreThread(thread);
  check();
  PyThreadState_Clear(thread);
  PyThreadState_DeleteCurrent();
  return NULL;
}

static void visit_from_foreign_thread(void) {
  pthread_t foreign;
  PyInterpreterState *interp = PyInterpreterState_Get();
  PyThreadState *saved = PyEval_SaveThread();
  if (pthread_create(&foreign, NULL, foreign_thread, interp) == 0)
    pthread_join(foreign, NULL);
  PyEval_RestoreThread(saved);
}

static PyThreadState *new_interpreter(bool own_gil) {
#if PY_VERSION_HEX >= 0x030C0000
  PyInterpreterConfig config = {
      .use_main_obmalloc = !own_gil,
      .allow_threads = 1,
      .check_multi_interp_extensions = own_gil,
      .gil = own_gil ? PyInterpreterConfig_OWN_GIL : PyInterpreterConfig_SHARED_GIL,
  };
#ifdef Py_GIL_DISABLED
  config.check_multi_interp_extensions = 1;
#endif
  PyThreadState *thread = NULL;
  PyStatus status = Py_NewInterpreterFromConfig(&thread, &config);
  if (PyStatus_Exception(status)) {
    fprintf(stderr, "no interpreter: %s\n", status.err_msg);
    abort();
  }
  return thread;
#else
  (void)own_gil;
  return Py_NewInterpreter();
#endif
}

struct work {
  PyInterpreterState *main;
  int rounds;
  unsigned seed;
  bool own;
};

// Ends the current interpreter. A `thread` that another thread made is replaced first: where `threading` is imported, the
// end of an interpreter in a thread that is not its main one waits until the state of that one is gone.
static void end_interpreter(PyThreadState *thread) {
  if (thread->thread_id != PyThread_get_thread_ident()) {
    PyThreadState *own = PyThreadState_New(PyInterpreterState_Get());
    PyThreadState_Swap(own);
    check();
    PyThreadState_Clear(thread);
    PyThreadState_Delete(thread);
    thread = own;
    foreign_ends++;
  }
  Py_EndInterpreter(thread);
}

// An interpreter for another worker to end.
static _Atomic(PyThreadState *) exchange;

// Gives `mine`, which may be NULL, and takes what another worker left.
static PyThreadState *hand_over(PyThreadState *mine) { return atomic_exchange(&exchange, mine); }

// With no other interpreter alive: no Python gets the child of such a fork through.
static void check_in_fork(void) {
#if !defined(_WIN32)
  PyOS_BeforeFork();
  pid_t child = fork();
  if (child == 0) {
    alarm(10);
    PyOS_AfterFork_Child();
    check();
    _exit(wrong != 0);
  }
  PyOS_AfterFork_Parent();
  int status = -1;
  waitpid(child, &status, 0);
  forks++;
  wrong += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
#endif
}

// Keeps up to LIVE interpreters, visits a random one or the main one each round, ends one now and then.
static void *worker(void *argument) {
  struct work *work = argument;
  PyThreadState *home = PyThreadState_New(work->main);
  PyEval_RestoreThread(home);
  PyThreadState *live[LIVE] = {NULL};
  for (int round = 0; round < work->rounds; round++) {
    PyThreadState **place = &live[rand_r(&work->seed) % LIVE];
    if (!*place) {
      *place = new_interpreter(work->own && rand_r(&work->seed) % 2);
      ENTERS_LIST();
      wrong += RF_ENTER(stress) < 0;
      plant_late_objects();
    } else {
      PyThreadState_Swap(*place);
    }
    check();
    if (round % 5 == 0)
      visit_from_foreign_thread();
    unsigned what = rand_r(&work->seed) % 6;
    if (what < 2) {
      end_interpreter(*place);
      *place = NULL;
    }
    PyThreadState_Swap(home);
    if (what == 2)
      *place = hand_over(*place);
    check();
    if (round % 7 == 0)
      RF_CLEAR(second);
  }
  for (int i = 0; i < LIVE; i++)
    if (live[i]) {
      PyThreadState_Swap(live[i]);
      check();
      end_interpreter(live[i]);
      PyThreadState_Swap(home);
    }
  PyThreadState_Clear(home);
  PyThreadState_DeleteCurrent();
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 5)
    return 2;
  int cycles = atoi(argv[1]), threads = atoi(argv[2]), rounds = atoi(argv[3]);
  long wanted = atol(argv[4]);
  bool own = argc > 5 && strcmp(argv[5], "own") == 0;
  size_t live_after = 0;
  for (cycle = 1; cycle <= cycles; cycle++) {
    Py_InitializeEx(0);
    wrong += RF_ENTER(stress) < 0;
    check();
    pthread_t ids[64];
    struct work work[64];
    PyInterpreterState *main_interp = PyInterpreterState_Get();
    check_in_fork();
    PyThreadState *saved = PyEval_SaveThread();
    for (int i = 0; i < threads && i < 64; i++) {
      work[i] = (struct work){main_interp, rounds, (unsigned)(cycle * 100 + i), own};
      pthread_create(&ids[i], NULL, worker, &work[i]);
    }
    for (int i = 0; i < threads && i < 64; i++)
      pthread_join(ids[i], NULL);
    PyEval_RestoreThread(saved);
    check();
    PyThreadState *left = hand_over(NULL), *home = PyThreadState_Get();
    if (left) {
      PyThreadState_Swap(left);
      check();
      end_interpreter(left);
      PyThreadState_Swap(home);
    }
    check_in_fork();
    Py_FinalizeEx();
    live_after += rf_state_counts().blocks;
  }
  printf("{\"checks\": %ld, \"wrong\": %ld, \"inits\": %ld, \"clears\": %ld, \"leaked_blocks\": %zu, \"late\": %ld, "
         "\"forks\": %ld, \"foreign_ends\": %ld}\n",
         (long)checks, (long)wrong, (long)inits, (long)clears, live_after, (long)late, (long)forks, (long)foreign_ends);
  return wrong || inits != clears || live_after || checks < wanted;
}
