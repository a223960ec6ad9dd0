/* Before Python 3.12 all interpreters share the GIL, but whoever waits for it asks only the code of its own interpreter to
 * let go: a loop in one would stop all others for ever. So each interpreter in which something runs has a thread that asks,
 * and so has the main one meanwhile. */
#include "interp_core.h"

#include <time.h>

#if PY_VERSION_HEX < 0x030C0000
static pthread_mutex_t turn_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static int running; /* works, of all interpreters */
static bool main_has_turns;

static void take_a_turn(PyInterpreterState *python) {
  PyThreadState *state = PyThreadState_New(python);
  if (!state)
    return;
  PyEval_RestoreThread(state);
  PyThreadState_Clear(state);
  PyThreadState_DeleteCurrent();
}

/* For an interpreter up to its end, for the main one (NULL) for ever. */
static void *take_turns(void *argument) {
  const struct timespec interval = {0, 5000000};
  rf_interp *self = argument;
  pthread_mutex_lock(&turn_lock);
  for (;;) {
    while (!(self ? self->turns != 0 : running != 0))
      pthread_cond_wait(&turn_changed, &turn_lock);
    if (self && self->turns < 0)
      break;
    pthread_mutex_unlock(&turn_lock);
    nanosleep(&interval, NULL);
    pthread_mutex_lock(&turn_lock);
    bool wanted = self ? self->turns > 0 : running > 0;
    pthread_mutex_unlock(&turn_lock);
    if (wanted)
      take_a_turn(self ? self->python : rf_interp_main());
    pthread_mutex_lock(&turn_lock);
  }
  pthread_mutex_unlock(&turn_lock);
  rf_interp_release(self);
  return NULL;
}

static void change(rf_interp *self, int turns) {
  pthread_mutex_lock(&turn_lock);
  running += turns > 0 ? 1 : self->turns > 0 ? -1 : 0;
  self->turns = turns;
  pthread_cond_broadcast(&turn_changed);
  pthread_mutex_unlock(&turn_lock);
}

void rf_turns_set(rf_interp *self, bool runs) { change(self, runs); }

void rf_turns_begin(rf_interp *self) {
  pthread_t thread;
  rf_interp_retain(self);
  self->takes_turns = pthread_create(&self->turn_taker, NULL, take_turns, self) == 0;
  if (!self->takes_turns)
    rf_interp_release(self);
  pthread_mutex_lock(&turn_lock);
  if (!main_has_turns && pthread_create(&thread, NULL, take_turns, NULL) == 0)
    main_has_turns = pthread_detach(thread) == 0;
  pthread_mutex_unlock(&turn_lock);
}

void rf_turns_end(rf_interp *self) {
  PyThreadState *thread = PyEval_SaveThread();
  change(self, -1);
  if (self->takes_turns)
    pthread_join(self->turn_taker, NULL);
  self->takes_turns = false;
  PyEval_RestoreThread(thread);
}

void rf_turns_give_up(rf_interp *self) {
  change(self, -1);
  if (self->takes_turns)
    pthread_detach(self->turn_taker);
}

void rf_turns_after_fork(void) {
  pthread_mutex_init(&turn_lock, NULL);
  pthread_cond_init(&turn_changed, NULL);
  running = 0;
  main_has_turns = false;
}
#else
void rf_turns_set(rf_interp *self, bool runs) { (void)self, (void)runs; }
void rf_turns_begin(rf_interp *self) { (void)self; }
void rf_turns_end(rf_interp *self) { (void)self; }
void rf_turns_give_up(rf_interp *self) { (void)self; }
void rf_turns_after_fork(void) {}
#endif
