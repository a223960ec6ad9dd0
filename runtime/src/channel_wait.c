/* Sleeping, waking, deadlines and cancels: see channel_core.h. */
#include "channel_core.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

const char *rf_status_name(rf_status status) {
  static const char *const names[] = {"ok",        "would block", "timed out", "closed",   "poisoned",
                                      "cancelled", "signalled",   "deadlock",  "no memory"};
  return (unsigned)status < RF_STATUS_COUNT ? names[status] : "unknown";
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t rf_after(int64_t nanoseconds) {
  if (nanoseconds <= 0)
    return RF_NOW;
  int64_t begin = now();
  return nanoseconds < RF_FOREVER - begin ? begin + nanoseconds : RF_FOREVER;
}

/* ---- One wait -------------------------------------------------------------------------------------------------- */

static uint32_t state_of(const rf_wait *wait) { return __atomic_load_n(&wait->state, __ATOMIC_ACQUIRE); }

static bool move_state(rf_wait *wait, uint32_t from, uint32_t to) {
  return __atomic_compare_exchange_n(&wait->state, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

bool rf_wait_pending(const rf_wait *wait) { return state_of(wait) <= WAIT_ASLEEP; }

bool rf_wait_claim(rf_wait *wait) {
  return move_state(wait, WAIT_ASLEEP, WAIT_CLAIMED_ASLEEP) || move_state(wait, WAIT_AWAKE, WAIT_CLAIMED) ||
         move_state(wait, WAIT_ASLEEP, WAIT_CLAIMED_ASLEEP); /* it may have gone to sleep between the two */
}

#ifdef __linux__
void rf_wait_init(rf_wait *wait, const rf_case *cases, size_t count) {
  *wait = (rf_wait){.state = WAIT_AWAKE, .fd = -1, .cases = cases, .count = count, .chosen = count};
}
void rf_wait_fini(rf_wait *wait) { (void)wait; }

/* The thread may have left by now: a wake-up of an address without sleepers is nothing. */
static void end_and_wake(rf_wait *wait, bool asleep) {
  __atomic_store_n(&wait->state, WAIT_OVER, __ATOMIC_RELEASE);
  if (asleep)
    syscall(SYS_futex, &wait->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* 0, ETIMEDOUT, EINTR, or another number where the state was not WAIT_ASLEEP. */
static int sleep_until(rf_wait *wait, int64_t until) {
  struct timespec deadline = {.tv_sec = until / 1000000000, .tv_nsec = until % 1000000000};
  int flags = FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG;
  return syscall(SYS_futex, &wait->state, flags, WAIT_ASLEEP, until == RF_FOREVER ? NULL : &deadline, NULL,
                 FUTEX_BITSET_MATCH_ANY) == 0
             ? 0
             : errno;
}
#else
void rf_wait_init(rf_wait *wait, const rf_case *cases, size_t count) {
  *wait = (rf_wait){.state = WAIT_AWAKE, .fd = -1, .cases = cases, .count = count, .chosen = count};
  pthread_mutex_init(&wait->mutex, NULL);
  pthread_cond_init(&wait->changed, NULL);
}
void rf_wait_fini(rf_wait *wait) {
  pthread_mutex_lock(&wait->mutex); /* whoever ended the wait has let go of it */
  pthread_mutex_unlock(&wait->mutex);
  pthread_cond_destroy(&wait->changed);
  pthread_mutex_destroy(&wait->mutex);
}
static void end_and_wake(rf_wait *wait, bool asleep) {
  (void)asleep;
  pthread_mutex_lock(&wait->mutex);
  __atomic_store_n(&wait->state, WAIT_OVER, __ATOMIC_RELEASE);
  pthread_cond_signal(&wait->changed);
  pthread_mutex_unlock(&wait->mutex);
}
/* Without futexes a signal does not end the sleep, so that it is cut into pieces that it may end between. */
static int sleep_until(rf_wait *wait, int64_t until) {
  enum { PIECE = 100000000 };
  int64_t left = until == RF_FOREVER ? PIECE : until - now();
  bool last = left <= PIECE && until != RF_FOREVER;
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_nsec += left <= 0 ? 0 : left < PIECE ? (long)left : PIECE;
  deadline.tv_sec += deadline.tv_nsec / 1000000000;
  deadline.tv_nsec %= 1000000000;
  int error = 0;
  pthread_mutex_lock(&wait->mutex);
  while (state_of(wait) == WAIT_ASLEEP && error == 0)
    error = pthread_cond_timedwait(&wait->changed, &wait->mutex, &deadline);
  pthread_mutex_unlock(&wait->mutex);
  return error == ETIMEDOUT && !last ? EINTR : error;
}
#endif

void rf_wait_finish(rf_wait *wait, rf_status status, size_t chosen) {
  bool asleep = state_of(wait) == WAIT_CLAIMED_ASLEEP;
  int fd = wait->fd;
  wait->status = status;
  wait->chosen = chosen;
  if (wait->process)
    rf_process_goes_on(wait->process);
  if (fd >= 0) { /* while nobody can end the wait and close the descriptor */
    uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR)
      ;
  }
  end_and_wake(wait, asleep);
}

static void give_up(rf_wait *wait, rf_status status) {
  if (rf_wait_claim(wait))
    rf_wait_finish(wait, status, wait->count);
}

/* Looks for a while; how long, in ns. With `yields`, who else waits for this processor runs between two looks: that is the
 * fastest way to the answer of a partner who shares it. */
static int64_t look(const uint32_t *word, uint32_t wanted, bool yields, bool *found) {
  int64_t begin = now(), passed = 0;
  for (int looks = 2; passed < RF_LONGEST_LOOK; looks = 64) {
    for (int i = 0; i < looks; i++) {
      if ((*found = __atomic_load_n(word, __ATOMIC_ACQUIRE) == wanted))
        return passed;
      PAUSE();
    }
    if (yields)
      sched_yield();
    passed = now() - begin;
  }
  return passed;
}

/* Credit, in ns: a look that was of use earns it, any other costs what it took, and each wait without pays a little back. So
 * looks cost a wait no more than that on average, whoever else runs on these processors. */
static void settle(int *credit, bool of_use, int64_t passed) {
  enum { MOST = 8 * RF_LONGEST_LOOK, LEAST = -2000000, REWARD = RF_LONGEST_LOOK };
  int64_t after = of_use ? *credit + REWARD : *credit - passed;
  *credit = after > MOST ? MOST : after < LEAST ? LEAST : (int)after;
}

bool rf_look_briefly(const uint32_t *word, uint32_t wanted, rf_luck *luck) {
  enum { PAID_BACK = 500 };
  bool yields = luck->yielding >= 0, found = false;
  if (!yields) {
    luck->yielding += PAID_BACK;
    if (luck->spinning < 0) {
      luck->spinning += PAID_BACK;
      return false;
    }
  }
  int64_t passed = look(word, wanted, yields, &found);
  settle(yields ? &luck->yielding : &luck->spinning, found && passed < 2 * RF_LONGEST_LOOK, passed);
  return found;
}

/* ---- Cancels --------------------------------------------------------------------------------------------------- */

struct rf_cancel {
  rf_lock lock; /* first: rf_cancel_after_fork */
  size_t references;
  bool fired;
  rf_wait *waits;
};

rf_cancel *rf_cancel_new(void) {
  rf_cancel *cancel = RF_MALLOC(sizeof *cancel);
  if (cancel) {
    memset(cancel, 0, sizeof *cancel);
    cancel->references = 1;
    rf_lock_init(&cancel->lock, LOCK_CANCEL);
  }
  return cancel;
}

rf_cancel *rf_cancel_share(rf_cancel *cancel) {
  __atomic_add_fetch(&cancel->references, 1, __ATOMIC_RELAXED);
  return cancel;
}

void rf_cancel_free(rf_cancel *cancel) {
  if (cancel && __atomic_sub_fetch(&cancel->references, 1, __ATOMIC_ACQ_REL) == 0) {
    rf_lock_end(&cancel->lock);
    free(cancel);
  }
}

void rf_cancel_fire(rf_cancel *cancel) {
  rf_lock_take(&cancel->lock);
  __atomic_store_n(&cancel->fired, true, __ATOMIC_RELAXED);
  for (rf_wait *wait = cancel->waits; wait; wait = wait->next)
    give_up(wait, RF_CANCELLED);
  rf_lock_give(&cancel->lock);
}

int rf_cancel_fired(const rf_cancel *cancel) { return __atomic_load_n(&cancel->fired, __ATOMIC_RELAXED); }

void rf_cancel_reset(rf_cancel *cancel) {
  rf_lock_take(&cancel->lock);
  __atomic_store_n(&cancel->fired, false, __ATOMIC_RELAXED);
  rf_lock_give(&cancel->lock);
}

void rf_cancel_after_fork(rf_lock *lock) { ((rf_cancel *)(void *)lock)->waits = NULL; }

static void join(rf_cancel *cancel, rf_wait *wait) {
  rf_lock_take(&cancel->lock);
  wait->previous = NULL;
  wait->next = cancel->waits;
  if (wait->next)
    wait->next->previous = wait;
  cancel->waits = wait;
  if (cancel->fired)
    give_up(wait, RF_CANCELLED);
  rf_lock_give(&cancel->lock);
}

static void leave(rf_cancel *cancel, rf_wait *wait) {
  rf_lock_take(&cancel->lock);
  if (wait->next)
    wait->next->previous = wait->previous;
  if (wait->previous)
    wait->previous->next = wait->next;
  else
    cancel->waits = wait->next;
  rf_lock_give(&cancel->lock);
}

/* A handler that runs between the caller's last look and the sleep does not end it: the sleep ends soon, for another look. */
static int64_t next_look(int64_t until) {
  int64_t look = rf_after(500000000);
  return until < look ? until : look;
}

void rf_wait_sleep(rf_wait *wait, int flags, int64_t until, rf_cancel *cancel) {
  static __thread rf_luck luck; /* a partner on another processor often answers before a sleep would have begun */
  if (wait->process)            /* before it can be over, else whoever ends it would be the first to count */
    rf_process_blocks(wait);
  if (rf_look_briefly(&wait->state, WAIT_OVER, &luck))
    return;
  if (cancel)
    join(cancel, wait);
  move_state(wait, WAIT_AWAKE, WAIT_ASLEEP);
  for (uint32_t state; (state = state_of(wait)) != WAIT_OVER;) {
    if (state != WAIT_ASLEEP) {
      PAUSE(); /* claimed: the outcome comes at once */
      continue;
    }
    bool looks = flags & RF_UNTIL_SIGNAL;
    int64_t end = looks ? next_look(until) : until;
    int error = sleep_until(wait, end);
    if (error == ETIMEDOUT && end == until)
      give_up(wait, RF_TIMED_OUT);
    else if (looks && (error == ETIMEDOUT || error == EINTR))
      give_up(wait, RF_SIGNALLED);
  }
  if (cancel)
    leave(cancel, wait);
}
