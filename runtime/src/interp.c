/* Interpreters with a thread of their own: see ringfence_interp.h. */
#include "interp_core.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  rf_work work;
  void *argument;
} request;

void (*rf_interp_before_end)(void);

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
/* ringfence: allow RF114 the list of all interpreters is the process's, and their handles are used under locks */
static rf_interp *live;
/* ringfence: allow RF119 a thread that runs an interpreter runs no other */
static __thread rf_interp *own;

static void lock(rf_interp *self) { pthread_mutex_lock(&self->lock); }
static void unlock(rf_interp *self) { pthread_mutex_unlock(&self->lock); }

void rf_interp_retain(rf_interp *self) { __atomic_add_fetch(&self->references, 1, __ATOMIC_RELAXED); }

void rf_interp_release(rf_interp *self) {
  if (!self || __atomic_sub_fetch(&self->references, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  rf_release(self->requests);
  rf_release(self->ended);
  rf_release(self->made);
  rf_cancel_free(self->waits);
  pthread_mutex_destroy(&self->lock);
  pthread_cond_destroy(&self->left);
  free(self);
}

/* ---- The live ones, and forks ---------------------------------------------------------------------------------- */

static void before_fork(void) {
  pthread_mutex_lock(&list_lock);
  for (rf_interp *self = live; self; self = self->next)
    lock(self);
}

static void after_fork_in_parent(void) {
  for (rf_interp *self = live; self; self = self->next)
    unlock(self);
  pthread_mutex_unlock(&list_lock);
}

/* Their threads are gone, and Python deletes the interpreters. */
static void after_fork_in_child(void) {
  for (rf_interp *self = live; self; self = self->next) {
    pthread_mutex_init(&self->lock, NULL);
    self->state = RF_INTERP_DEAD;
    self->python = NULL;
    self->visitors = 0;
    rf_channel_close(self->requests);
    rf_channel_close(self->ended);
  }
  rf_turns_after_fork();
  live = NULL; /* the reference of each is lost with its thread */
  pthread_mutex_init(&list_lock, NULL);
}

static void watch_forks(void) { pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child); }

static void enlist(rf_interp *self) {
  pthread_once(&once, watch_forks);
  pthread_mutex_lock(&list_lock);
  self->next = live;
  if (live)
    live->previous = self;
  live = self;
  pthread_mutex_unlock(&list_lock);
}

static void delist(rf_interp *self) {
  pthread_mutex_lock(&list_lock);
  if (self->next)
    self->next->previous = self->previous;
  *(self->previous ? &self->previous->next : &live) = self->next;
  self->next = self->previous = NULL;
  pthread_mutex_unlock(&list_lock);
}

size_t rf_interp_list(rf_interp **list, size_t room) {
  size_t count = 0;
  pthread_mutex_lock(&list_lock);
  for (rf_interp *self = live; self; self = self->next, count++)
    if (list && count < room) {
      rf_interp_retain(self);
      list[count] = self;
    }
  pthread_mutex_unlock(&list_lock);
  return count;
}

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
  *(PyThreadState **)result = PyThreadState_New(PyInterpreterState_Main());
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

static void run(rf_interp *self, request *entry) {
  lock(self);
  bool drop = self->at_once;
  if (!drop) {
    self->work = entry->work;
    self->argument = entry->argument;
    if (self->state == RF_INTERP_IDLE)
      self->state = RF_INTERP_RUNNING;
  }
  unlock(self);
  rf_turns_set(self, !drop);
  entry->work(entry->argument, drop ? RF_WORK_DROP : RF_WORK_RUN);
  if (!drop)
    rf_interp_work_done();
}

void rf_interp_work_done(void) {
  lock(own);
  bool ran = own->work != NULL;
  own->work = NULL;
  if (own->state == RF_INTERP_RUNNING)
    own->state = RF_INTERP_IDLE;
  unlock(own);
  if (!ran)
    return;
  rf_turns_set(own, false);
  rf_interp_take_interrupt(); /* one that came too late */
}

static void serve(rf_interp *self) {
  for (;;) {
    rf_message *message;
    PyThreadState *thread = PyEval_SaveThread();
    rf_status status = rf_channel_receive(self->requests, &message, RF_FOREVER, NULL);
    PyEval_RestoreThread(thread);
    if (status != RF_OK)
      return;
    request entry;
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
  lock(self);
  while (self->visitors)
    pthread_cond_wait(&self->left, &self->lock);
  self->python = NULL;
  unlock(self);
  PyEval_RestoreThread(thread);
}

static void leave(rf_interp *self, rf_interp_state state) {
  lock(self);
  self->state = state;
  self->python = NULL;
  unlock(self);
  delist(self);
  rf_channel_close(self->requests);
  rf_channel_close(self->made);
  rf_channel_close(self->ended);
  rf_interp_release(self);
}

/* The thread is ended from outside, as Python does with threads that come back after Py_Finalize. */
static void die(void *argument) {
  rf_interp *self = argument;
  if (self->work)
    self->work(self->argument, RF_WORK_LOST);
  rf_message *message;
  rf_channel_close(self->requests);
  while (rf_channel_receive(self->requests, &message, RF_NOW, NULL) == RF_OK) {
    request entry;
    memcpy(&entry, message->data, sizeof entry);
    rf_message_free(message);
    entry.work(entry.argument, RF_WORK_LOST);
  }
  leave(self, RF_INTERP_DEAD);
}

/* Before 3.12 the GIL is still this thread's when its interpreter has ended: a state of the main interpreter gives it up. */
static void end_interpreter(void) {
#if PY_VERSION_HEX < 0x030C0000
  PyThreadState *last = PyThreadState_New(PyInterpreterState_Main());
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
    if (rf_interp_before_end)
      rf_interp_before_end();
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
static int start(rf_interp *self) {
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

/* ---- From outside ---------------------------------------------------------------------------------------------- */

static const char *problem_of(const rf_interp_config *config) {
#if PY_VERSION_HEX < 0x030C0000
  if (config->gil == RF_GIL_OWN)
    return "a GIL of its own needs Python 3.12";
  if (config->own_allocator > 0)
    return "an allocator of its own needs Python 3.12";
#else
  if (config->gil != RF_GIL_SHARED && config->own_allocator == 0)
    return "a GIL of its own needs an allocator of its own";
  if (config->own_allocator > 0 && config->check_extensions == 0)
    return "an allocator of its own needs the check of extensions";
#endif
  if (config->daemon_threads && !config->threads)
    return "daemon threads are threads";
  return NULL;
}

static rf_interp *new_handle(const rf_interp_config *config) {
  size_t length = config->name ? strlen(config->name) : 0;
  rf_interp *self = calloc(1, sizeof *self + length + 1);
  if (!self)
    return NULL;
  memcpy(self->name, config->name ? config->name : "", length);
  self->references = 2; /* the caller's and the thread's */
  self->config = *config;
  self->config.name = self->name;
  self->own_gil = PY_VERSION_HEX >= 0x030C0000 && config->gil != RF_GIL_SHARED;
  pthread_mutex_init(&self->lock, NULL);
  pthread_cond_init(&self->left, NULL);
  self->requests = rf_channel_new(RF_UNBOUNDED, NULL);
  self->ended = rf_channel_new(0, NULL);
  self->made = rf_channel_new(0, NULL);
  self->waits = rf_cancel_new();
  if (self->requests && self->ended && self->made && self->waits)
    return self;
  self->references = 1;
  rf_interp_release(self);
  return NULL;
}

rf_interp *rf_interp_create(const rf_interp_config *config, const char **error) {
  *error = problem_of(config);
  rf_interp *self = *error ? NULL : new_handle(config);
  if (!self) {
    *error = *error ? *error : "no memory for an interpreter";
    return NULL;
  }
  enlist(self);
  if (start(self)) {
    *error = "no thread for an interpreter could be started";
    delist(self);
    self->references = 1;
    rf_interp_release(self);
    return NULL;
  }
  rf_message *none;
  rf_channel_receive(self->made, &none, RF_FOREVER, NULL);
  *error = self->error;
  if (self->error) {
    rf_interp_release(self);
    return NULL;
  }
  return self;
}

rf_interp_state rf_interp_state_of(rf_interp *self) {
  lock(self);
  rf_interp_state state = self->state;
  unlock(self);
  return state;
}

int64_t rf_interp_id(const rf_interp *self) { return self->id; }
int rf_interp_has_own_gil(const rf_interp *self) { return self->own_gil; }
const char *rf_interp_name(const rf_interp *self) { return self->name; }
rf_channel *rf_interp_ended(rf_interp *self) { return self->ended; }

rf_status rf_interp_post(rf_interp *self, rf_work work, void *argument) {
  if (rf_interp_state_of(self) == RF_INTERP_DEAD)
    return RF_CLOSED;
  request entry = {work, argument};
  rf_message *message = rf_message_new(sizeof entry);
  if (!message)
    return RF_NO_MEMORY;
  rf_message_append(&message, &entry, sizeof entry);
  rf_status status = rf_channel_send(self->requests, &message, RF_NOW, NULL);
  rf_message_free(message);
  return status;
}

int rf_interp_interrupt(rf_interp *self, PyObject *exception) {
  lock(self);
  const void *argument = self->argument;
  bool runs = self->python && self->work;
  if (runs)
    self->visitors++;
  unlock(self);
  if (!runs)
    return 0;
  PyThreadState *visitor = PyThreadState_New(self->python);
  if (visitor) {
    PyEval_RestoreThread(visitor);
    lock(self);
    runs = self->work && self->argument == argument;
    unlock(self);
    if (runs) {
      __atomic_store_n(&self->interrupt, exception, __ATOMIC_RELEASE);
      PyThreadState_SetAsyncExc(self->thread, exception);
    }
    PyThreadState_Clear(visitor);
    PyThreadState_DeleteCurrent();
  }
  if (runs) {
    rf_cancel_fire(self->waits);
    if (exception != PyExc_SystemExit) /* what ends waits no more */
      rf_cancel_reset(self->waits);
  }
  lock(self);
  if (--self->visitors == 0)
    pthread_cond_broadcast(&self->left);
  unlock(self);
  return runs;
}

PyObject *rf_interp_take_interrupt(void) {
  PyObject *exception = own ? __atomic_exchange_n(&own->interrupt, NULL, __ATOMIC_ACQ_REL) : NULL;
  if (exception)
    PyThreadState_SetAsyncExc(own->thread, NULL);
  return exception;
}

rf_cancel *rf_interp_waits(rf_interp *self) { return self->waits; }
rf_interp *rf_interp_of_thread(void) { return own; }

void rf_interp_begin_close(rf_interp *self, int at_once) {
  lock(self);
  if (self->state <= RF_INTERP_RUNNING)
    self->state = RF_INTERP_CLOSING;
  self->at_once = self->at_once || at_once;
  unlock(self);
  rf_channel_close(self->requests);
}
