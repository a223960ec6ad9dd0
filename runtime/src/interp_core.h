/* What the files of interpreters share. */
#ifndef RINGFENCE_INTERP_CORE_H
#define RINGFENCE_INTERP_CORE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "ringfence_interp.h"

#include <pthread.h>
#include <stdbool.h>

struct rf_interp {
  size_t references;
  pthread_mutex_t lock; /* guards what follows up to `requests` */
  pthread_cond_t left;  /* no visitor is inside */
  rf_interp_state state;
  bool at_once; /* drop what is queued */
  int visitors; /* threads that use `python` now: it does not end meanwhile */
  rf_work work; /* that runs, NULL: none */
  void *argument;
  PyInterpreterState *python; /* NULL: not made, or ended; one whose thread dies stays */
  PyObject *interrupt;        /* that the work has not noticed yet */
  rf_cancel *waits;
  rf_channel *requests, *ended, *made;
  unsigned long thread; /* as PyThread_get_thread_ident */
  int64_t id;
  bool own_gil;
  const char *error; /* why it could not be made */
#if PY_VERSION_HEX < 0x030C0000
  int turns; /* 1: something runs, 0: nothing, -1: nothing will */
  bool takes_turns;
  pthread_t turn_taker;
#endif
  rf_interp_config config;
  rf_interp *next, *previous; /* of the live ones */
  char name[];
};

typedef struct {
  rf_work work;
  void *argument;
} rf_request; /* a message's bytes */

static inline void rf_interp_lock(rf_interp *self) { pthread_mutex_lock(&self->lock); }
static inline void rf_interp_unlock(rf_interp *self) { pthread_mutex_unlock(&self->lock); }

/* Interpreters are made from the main one, since their maker may be a thread without Python, and it takes turns as they do. */
static inline PyInterpreterState *rf_interp_main(void) {
  return PyInterpreterState_Main(); /* ringfence: allow RF406 that one is meant, not the one that runs */
}

bool rf_interp_enlist(rf_interp *self); /* among the live ones; false: no more are made */
void rf_interp_delist(rf_interp *self);
int rf_interp_start(rf_interp *self); /* its thread; 0, or the error */

/* Before Python 3.12 (later they do nothing). The interpreter in whose thread it is called lets others have the GIL while
 * something runs in it. */
void rf_turns_begin(rf_interp *self);
void rf_turns_set(rf_interp *self, bool runs);
void rf_turns_end(rf_interp *self);
void rf_turns_give_up(rf_interp *self); /* its thread dies, and waits for nobody */
void rf_turns_after_fork(void);

#endif
