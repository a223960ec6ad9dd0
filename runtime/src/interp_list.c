/* The live interpreters, and what a fork makes of them. */
#include "interp_core.h"

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
/* ringfence: allow RF114 the list of all interpreters is the process's, and their handles are used under locks */
static rf_interp *live;
static bool refuses; /* under list_lock */

static void before_fork(void) {
  pthread_mutex_lock(&list_lock);
  for (rf_interp *self = live; self; self = self->next)
    rf_interp_lock(self);
}

static void after_fork_in_parent(void) {
  for (rf_interp *self = live; self; self = self->next)
    rf_interp_unlock(self);
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

bool rf_interp_enlist(rf_interp *self) {
  pthread_once(&once, watch_forks);
  pthread_mutex_lock(&list_lock);
  bool refused = refuses;
  if (!refused) {
    self->next = live;
    if (live)
      live->previous = self;
    live = self;
  }
  pthread_mutex_unlock(&list_lock);
  return !refused;
}

void rf_interp_refuse_new(int refuse) {
  pthread_mutex_lock(&list_lock);
  refuses = refuse;
  pthread_mutex_unlock(&list_lock);
}

void rf_interp_delist(rf_interp *self) {
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
