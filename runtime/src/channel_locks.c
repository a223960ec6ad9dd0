/* Forks: the list of all locks, which a fork takes so that the child finds what they guard whole. In the child nobody
 * waits: other threads are gone. */
#include "channel_core.h"

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static rf_lock *locks;

/* Those that the fork under way has taken, up to a NULL. Without memory for the array a fork goes on without them. */
static rf_lock **held;

static int by_order(const void *left, const void *right) {
  const rf_lock *a = *(rf_lock *const *)left, *b = *(rf_lock *const *)right;
  return a->rank != b->rank ? (a->rank < b->rank ? -1 : 1) : a < b ? -1 : a > b;
}

/* Locks come and go under list_lock alone, so a thread that holds a channel's may wait for it: it is taken last. */
static void before_fork(void) {
  pthread_mutex_lock(&list_lock);
  size_t count = 0;
  for (rf_lock *lock = locks; lock; lock = lock->next)
    count++;
  held = RF_MALLOC((count + 1) * sizeof *held);
  if (!held)
    return;
  rf_lock **end = held;
  for (rf_lock *lock = locks; lock; lock = lock->next)
    *end++ = lock;
  *end = NULL;
  qsort(held, count, sizeof *held, by_order); /* the one order that everybody keeps */
  for (rf_lock **each = held; *each; each++)
    rf_lock_take(*each);
}

static void let_go(void) {
  free(held);
  held = NULL;
  pthread_mutex_unlock(&list_lock);
}

static void after_fork_in_parent(void) {
  for (rf_lock **each = held; each && *each; each++)
    rf_lock_give(*each);
  let_go();
}

static void after_fork_in_child(void) {
  static void (*const forget_waits[])(rf_lock *) = {rf_channel_after_fork, rf_cancel_after_fork, rf_network_after_fork};
  for (rf_lock *lock = locks; lock; lock = lock->next) {
    pthread_mutex_init(&lock->mutex, NULL);
    forget_waits[lock->rank](lock);
  }
  let_go();
}

static void watch_forks(void) { pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child); }

void rf_lock_init(rf_lock *lock, lock_rank rank) {
  pthread_once(&once, watch_forks);
  pthread_mutex_init(&lock->mutex, NULL);
  lock->rank = rank;
  lock->previous = NULL;
  pthread_mutex_lock(&list_lock);
  lock->next = locks;
  if (locks)
    locks->previous = lock;
  locks = lock;
  pthread_mutex_unlock(&list_lock);
}

void rf_lock_end(rf_lock *lock) {
  pthread_mutex_lock(&list_lock);
  if (lock->next)
    lock->next->previous = lock->previous;
  *(lock->previous ? &lock->previous->next : &locks) = lock->next;
  pthread_mutex_unlock(&list_lock);
  pthread_mutex_destroy(&lock->mutex);
}
