/* What the files of the channels share. The order of locks: channels by address, then cancels, then networks. */
#ifndef RINGFENCE_CHANNEL_CORE_H
#define RINGFENCE_CHANNEL_CORE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "ringfence_channel.h"
#include "ringfence_network.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* Tests exchange them for ones that fail. */
#ifndef RF_MALLOC
#define RF_MALLOC malloc
#define RF_REALLOC realloc
#endif
#ifndef RF_LONGEST_LOOK
#define RF_LONGEST_LOOK 30000 /* ns */
#endif

/* Between two looks at what another thread is about to write. */
#ifdef PAUSE /* the explorer's */
#elif defined(__x86_64__) || defined(__i386__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() __asm__ volatile("" ::: "memory")
#endif

/* ---- Locks, which a fork takes all ----------------------------------------------------------------------------- */

typedef enum { LOCK_CHANNEL, LOCK_CANCEL, LOCK_NETWORK } lock_rank;

typedef struct rf_lock {
  pthread_mutex_t mutex;
  lock_rank rank;
  struct rf_lock *next, *previous; /* in the list of all locks */
} rf_lock;
void rf_lock_init(rf_lock *lock, lock_rank rank); /* and lists it; a member at offset 0 or found by its owner */
void rf_lock_end(rf_lock *lock);
static inline void rf_lock_take(rf_lock *lock) { pthread_mutex_lock(&lock->mutex); }
static inline void rf_lock_give(rf_lock *lock) { pthread_mutex_unlock(&lock->mutex); }
void rf_channel_after_fork(rf_lock *lock);
void rf_cancel_after_fork(rf_lock *lock);
void rf_network_after_fork(rf_lock *lock);

/* ---- Waits ----------------------------------------------------------------------------------------------------- */

enum wait_state {
  WAIT_AWAKE,          /* begun; its thread does not sleep yet */
  WAIT_ASLEEP,         /* its thread sleeps, or is about to */
  WAIT_CLAIMED,        /* somebody writes the outcome */
  WAIT_CLAIMED_ASLEEP, /* the same, and has to wake the thread */
  WAIT_OVER            /* the outcome stands; the wait may be gone */
};

/* One blocking call. Lies on the stack of its thread, or in an rf_async. */
typedef struct rf_wait {
  uint32_t state;
  int fd;           /* to write to instead of waking a thread; -1: none */
  rf_status status; /* the outcome, with WAIT_OVER */
  size_t chosen;
  const rf_case *cases;
  size_t count;
  struct rf_process *process;      /* counts as blocked in its network; NULL: does not count */
  struct rf_wait *next, *previous; /* of the same rf_cancel */
#ifndef __linux__
  pthread_mutex_t mutex;
  pthread_cond_t changed;
#endif
} rf_wait;

/* A case of a wait in its channel's queue. */
typedef struct rf_waiter {
  rf_wait *wait;
  size_t index;
  rf_message *message;
  bool queued;
  struct rf_waiter *next, *previous;
} rf_waiter;

typedef struct {
  rf_waiter *first, *last;
} waiter_queue;

void rf_wait_init(rf_wait *wait, const rf_case *cases, size_t count);
void rf_wait_fini(rf_wait *wait);
/* True where the caller is the one who ends the wait: it then writes what it hands over and calls rf_wait_finish. */
bool rf_wait_claim(rf_wait *wait);
void rf_wait_finish(rf_wait *wait, rf_status status, size_t chosen);
/* Sleeps until the wait is over; the deadline, a signal or `cancel` may end it. */
void rf_wait_sleep(rf_wait *wait, int flags, int64_t until, rf_cancel *cancel);
bool rf_wait_pending(const rf_wait *wait);

/* ---- Processes ------------------------------------------------------------------------------------------------- */

typedef struct rf_process rf_process;
rf_process *rf_current_process(void);
/* The wait of `wait->process` has begun, or is over. */
void rf_process_blocks(rf_wait *wait);
void rf_process_goes_on(rf_process *process);

struct rf_channel {
  rf_shared shared;
  rf_lock lock;
  uint64_t id;
  size_t capacity;
  rf_status state;
  bool inside;                /* rf_channel_inside */
  size_t first, length, room; /* of the ring; the room grows up to the capacity */
  rf_message **ring;
  waiter_queue senders, receivers, peekers;
  char name[];
};

/* ---- One case, with the lock of its channel held: channel.c ---------------------------------------------------- */

rf_status rf_case_try(rf_case *entry);                         /* RF_WOULD_BLOCK: not now, or never without a channel */
void rf_case_enqueue(const rf_case *entry, rf_waiter *waiter); /* where partners find it */
void rf_case_dequeue(const rf_case *entry, rf_waiter *waiter); /* nothing where a partner has taken it out */

extern size_t rf_live_channels, rf_live_messages, rf_live_blocks;

#endif
