/* The thread of an interpreter: makes it, runs what is asked for, ends it. */
#include "interp_core.h"

#include <signal.h>
#include <string.h>
#include <time.h>

void (*rf_interp_before_end)(void);

/* ringfence: allow RF119 a thread that runs an interpreter runs no other */
static __thread rf_interp *own;

rf_interp *rf_interp_of_thread(void) { return own; }

/* ---- Making one, in its thread --------------------------------------------------------------------------------- */

#if PY_VERSION_HEX >= 0x030C0000
static PyThreadState *new_interpreter(const rf_interp_config *wanted, bool own_gil) {
  int allocator = wanted->own_allocator < 0 ? own_gil : wanted->own_allocator;
  PyInterpreterConfig config = {
      .use_main_obmalloc = !allocator,
      .allow_fork = wanted->fork,
      .allow_exec = wanted->exec,
      .allow_threads = wanted->threads,
      .allow_daemon_threads = wanted->daemon_threads,
      .check_multi_interp_extensions = wanted->check_extensions < 0 ? own_gil || allocator : wanted->check_extensions,
      .gil = own_gil ? PyInterpreterConfig_OWN_GIL : PyInterpreterConfig_SHARED_GIL,
  };
#ifdef Py_GIL_DISABLED
  config.check_multi_interp_extensions = 1; /* required where there is no GIL */
#endif
  PyThreadState *thread = NULL;
  PyStatus status = Py_NewInterpreterFromConfig(&thread, &config);
  return PyStatus_Exception(status) ? NULL : thread;
}
#else
static PyThreadState *new_interpreter(const rf_interp_config *wanted, bool own_gil) {
  (void)wanted, (void)own_gil;
  return Py_NewInterpreter();
}
#endif

/* A state of the main interpreter. Before 3.12, PyGILState_Ensure looks for the first state that its thread made: here it
 * has to find the new interpreter's, else it would wait for the GIL that this thread holds. So another thread makes it. */
static void *main_state(void *result) {
  *(PyThreadState **)result = PyThreadState_New(rf_interp_main());
  return NULL;
}

static PyThreadState *borrow_main(void) {
  PyThreadState *state = NULL;
#if PY_VERSION_HEX < 0x030C0000
  pthread_t thread;
  if (pthread_create(&thread, NULL, main_state, &state) == 0)
    pthread_join(thread, NULL);
#else
  main_state(&state);
#endif
  return state;
}

/* The thread state that this thread, which has none, runs the new interpreter with; NULL where there is no interpreter. A
 * state of the main interpreter serves to make it. */
static PyThreadState *make(rf_interp *self) {
  PyThreadState *first = borrow_main();
  if (!first)
    return NULL;
  PyEval_RestoreThread(first);
  PyThreadState *made = new_interpreter(&self->config, self->own_gil);
  PyThreadState_Swap(first);
  PyThreadState_Clear(first);
  PyThreadState_DeleteCurrent();
  if (made)
    PyEval_RestoreThread(made);
  return made;
}

/* ---- The thread's life ----------------------------------------------------------------------------------------- */

static void run(rf_interp *self, rf_request *entry) {
  rf_interp_lock(self);
  bool drop = self->at_once;
  if (!drop) {
    self->work = entry->work;
    self->argument = entry->argument;
    if (self->state == RF_INTERP_IDLE)
      self->state = RF_INTERP_RUNNING;
  }
  rf_interp_unlock(self);
  rf_turns_set(self, !drop);
  entry->work(entry->argument, drop ? RF_WORK_DROP : RF_WORK_RUN);
  if (!drop)
    rf_interp_work_done();
}

void rf_interp_work_done(void) {
  rf_interp_lock(own);
  bool ran = own->work != NULL;
  own->work = NULL;
  if (own->state == RF_INTERP_RUNNING)
    own->state = RF_INTERP_IDLE;
  rf_interp_unlock(own);
  if (!ran)
    return;
  rf_turns_set(own, false);
  rf_interp_take_interrupt(); /* one that came too late */
}

PyObject *rf_interp_take_interrupt(void) {
  PyObject *exception = own ? __atomic_exchange_n(&own->interrupt, NULL, __ATOMIC_ACQ_REL) : NULL;
  if (exception)
    PyThreadState_SetAsyncExc(own->thread, NULL);
  return exception;
}

static void serve(rf_interp *self) {
  for (;;) {
    rf_message *message;
    PyThreadState *thread = rf_gil_give_up();
    rf_status status = rf_channel_receive(self->requests, &message, RF_FOREVER, NULL);
    rf_gil_take(thread);
    if (status != RF_OK)
      return;
    rf_request entry;
    memcpy(&entry, message->data, sizeof entry);
    rf_message_free(message);
    run(self, &entry);
  }
}

static size_t thread_states(PyInterpreterState *python) {
  size_t count = 0;
  for (PyThreadState *state = PyInterpreterState_ThreadHead(python); state; state = PyThreadState_Next(state))
    count++;
  return count;
}

/* Python ends no interpreter that has other threads, and aborts: waits for them. */
static void wait_for_threads(rf_interp *self) {
  const struct timespec moment = {0, 1000000};
  while (thread_states(self->python) > 1) {
    PyThreadState *thread = PyEval_SaveThread();
    nanosleep(&moment, NULL);
    PyEval_RestoreThread(thread);
  }
}

/* Keeps visitors out, and waits for those inside. */
static void close_door(rf_interp *self) {
  PyThreadState *thread = PyEval_SaveThread();
  rf_interp_lock(self);
  while (self->visitors)
    pthread_cond_wait(&self->left, &self->lock);
  self->python = NULL;
  rf_interp_unlock(self);
  PyEval_RestoreThread(thread);
}

static void leave(rf_interp *self, rf_interp_state state) {
  rf_interp_lock(self);
  self->state = state;
  rf_interp_unlock(self);
  rf_interp_delist(self);
  rf_channel_close(self->requests);
  rf_channel_close(self->made);
  rf_channel_close(self->ended);
  rf_interp_release(self);
}

/* The thread is ended from outside, as Python does with threads that come back after Py_Finalize. */
static void die(void *argument) {
  rf_interp *self = argument;
  rf_interp_lock(self);
  self->state = RF_INTERP_DEAD; /* before anybody hears of it */
  rf_work lost = self->work;
  self->work = NULL;
  rf_interp_unlock(self);
  rf_turns_give_up(self);
  if (lost)
    lost(self->argument, RF_WORK_LOST);
  rf_message *message;
  rf_channel_close(self->requests);
  while (rf_channel_receive(self->requests, &message, RF_NOW, NULL) == RF_OK) {
    rf_request entry;
    memcpy(&entry, message->data, sizeof entry);
    rf_message_free(message);
    entry.work(entry.argument, RF_WORK_LOST);
  }
  leave(self, RF_INTERP_DEAD);
}

/* Before 3.12 the GIL is still this thread's when its interpreter has ended: a state of the main interpreter gives it up. */
static void end_interpreter(void) {
#if PY_VERSION_HEX < 0x030C0000
  PyThreadState *last = PyThreadState_New(rf_interp_main());
  Py_EndInterpreter(PyThreadState_Get());
  PyThreadState_Swap(last);
  PyThreadState_Clear(last);
  PyThreadState_DeleteCurrent();
#else
  Py_EndInterpreter(PyThreadState_Get());
#endif
}

static void *live_and_end(void *argument) {
  rf_interp *self = own = argument;
  pthread_cleanup_push(die, self);
  PyThreadState *thread = make(self);
  if (thread) {
    self->python = thread->interp;
    self->thread = PyThread_get_thread_ident();
    self->id = PyInterpreterState_GetID(thread->interp);
    rf_turns_begin(self);
    rf_channel_close(self->made);
    serve(self);
    void (*before_end)(void) = __atomic_load_n(&rf_interp_before_end, __ATOMIC_RELAXED);
    if (before_end)
      before_end();
    rf_turns_end(self);
    wait_for_threads(self);
    close_door(self);
    end_interpreter();
  } else {
    self->error = "Python could not make an interpreter";
  }
  pthread_cleanup_pop(0);
  leave(self, RF_INTERP_CLOSED);
  return NULL;
}

/* Signals are for the threads that the program made. */
int rf_interp_start(rf_interp *self) {
  sigset_t all, before;
  pthread_attr_t attributes;
  pthread_t thread;
  sigfillset(&all);
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 8 << 20);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failed = pthread_create(&thread, &attributes, live_and_end, self);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return failed;
}
