/* Waiting for one of several cases, with a thread and without: see ringfence_channel.h. */
#include "channel_core.h"

#include <string.h>

enum { FEW = 8 };

/* A wait with what it needs for its cases; `waiters` and `channels` point to memory for many cases, or into it. */
typedef struct {
  rf_wait wait;
  rf_case *cases;
  size_t count, channel_count;
  rf_waiter *waiters;
  rf_channel **channels; /* by address, each once */
  rf_waiter few_waiters[FEW];
  rf_channel *few_channels[FEW];
} selection;

static void release_selection(selection *self) {
  rf_wait_fini(&self->wait);
  if (self->waiters != self->few_waiters)
    free(self->waiters);
  if (self->channels != self->few_channels)
    free(self->channels);
}

static bool prepare(selection *self, rf_case *cases, size_t count) {
  bool many = count > FEW;
  self->cases = cases;
  self->count = count;
  self->channel_count = 0;
  self->waiters = many ? RF_MALLOC(count * sizeof *self->waiters) : self->few_waiters;
  self->channels = many ? RF_MALLOC(count * sizeof *self->channels) : self->few_channels;
  rf_wait_init(&self->wait, cases, count);
  if (!self->waiters || !self->channels) {
    release_selection(self);
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    rf_channel *channel = cases[i].channel;
    size_t place = self->channel_count;
    while (place && self->channels[place - 1] > channel)
      place--;
    if (!channel || (place && self->channels[place - 1] == channel))
      continue;
    memmove(&self->channels[place + 1], &self->channels[place], (self->channel_count - place) * sizeof channel);
    self->channels[place] = channel;
    self->channel_count++;
  }
  return true;
}

static void lock_all(selection *self) {
  for (size_t i = 0; i < self->channel_count; i++)
    rf_lock_take(&self->channels[i]->lock);
}

static void unlock_all(selection *self) {
  for (size_t i = 0; i < self->channel_count; i++)
    rf_lock_give(&self->channels[i]->lock);
}

/* Where fair selections begin to look: any case with equal chance. */
static size_t any_of(size_t count) {
  static __thread uint32_t random;
  if (count < 2)
    return 0;
  if (!random)
    random = (uint32_t)(uintptr_t)&random | 1;
  random ^= random << 13, random ^= random >> 17, random ^= random << 5;
  return random % count;
}

static rf_status try_cases(selection *self, int flags, size_t *chosen) {
  size_t begin = flags & RF_PRIORITY ? 0 : any_of(self->count);
  for (size_t i = 0; i < self->count; i++) {
    size_t at = (begin + i) % self->count;
    rf_status status = rf_case_try(&self->cases[at]);
    if (status != RF_WOULD_BLOCK) {
      *chosen = status == RF_NO_MEMORY ? self->count : at;
      return status;
    }
  }
  *chosen = self->count;
  return RF_WOULD_BLOCK;
}

static void enqueue_all(selection *self) {
  for (size_t i = 0; i < self->count; i++) {
    const rf_case *entry = &self->cases[i];
    self->waiters[i] = (rf_waiter){&self->wait, i, entry->message, false, NULL, NULL};
    rf_case_enqueue(entry, &self->waiters[i]);
  }
}

static void leave_queues(selection *self) {
  lock_all(self);
  for (size_t i = 0; i < self->count; i++)
    rf_case_dequeue(&self->cases[i], &self->waiters[i]);
  unlock_all(self);
}

/* After the wait is over: leaves the queues, and gives the cases what partners wrote. A partner has taken the case that
 * was chosen out of its queue, so that a wait with one case often stands in none. */
static rf_status conclude(selection *self, size_t *chosen) {
  if (self->count > 1 || self->wait.chosen == self->count)
    leave_queues(self);
  for (size_t i = 0; i < self->count; i++)
    if (self->cases[i].direction != RF_PEEK)
      self->cases[i].message = self->waiters[i].message;
  *chosen = self->wait.chosen;
  return self->wait.status;
}

/* A wait that only a process can end counts in the search for deadlocks. */
static rf_process *blocked_process(const selection *self, int64_t until) {
  rf_process *process = until == RF_FOREVER ? rf_current_process() : NULL;
  for (size_t i = 0; process && i < self->channel_count; i++)
    if (!self->channels[i]->inside)
      process = NULL;
  return process;
}

rf_status rf_select(rf_case *cases, size_t count, size_t *chosen, int flags, int64_t until, rf_cancel *cancel) {
  selection self;
  size_t unused;
  chosen = chosen ? chosen : &unused;
  *chosen = count;
  if (!prepare(&self, cases, count))
    return RF_NO_MEMORY;
  lock_all(&self);
  rf_status status = try_cases(&self, flags, chosen);
  bool waits = status == RF_WOULD_BLOCK && until != RF_NOW;
  if (waits) {
    self.wait.process = blocked_process(&self, until);
    enqueue_all(&self);
  }
  unlock_all(&self);
  if (waits) {
    rf_wait_sleep(&self.wait, flags, until, cancel);
    status = conclude(&self, chosen);
  }
  release_selection(&self);
  return status;
}

/* ---- Without a thread ------------------------------------------------------------------------------------------ */

struct rf_async {
  selection selection;
};

rf_async *rf_wait_begin(rf_case *cases, size_t count, int flags, int fd) {
  rf_async *self = RF_MALLOC(sizeof *self);
  if (!self || !prepare(&self->selection, cases, count)) {
    free(self);
    return NULL;
  }
  self->selection.wait.fd = fd;
  lock_all(&self->selection);
  size_t chosen;
  rf_status status = try_cases(&self->selection, flags, &chosen);
  if (status == RF_WOULD_BLOCK)
    enqueue_all(&self->selection);
  else
    for (size_t i = 0; i < count; i++)
      self->selection.waiters[i] = (rf_waiter){&self->selection.wait, i, cases[i].message, false, NULL, NULL};
  unlock_all(&self->selection);
  if (status != RF_WOULD_BLOCK && rf_wait_claim(&self->selection.wait))
    rf_wait_finish(&self->selection.wait, status, chosen);
  return self;
}

int rf_wait_is_over(const rf_async *wait) { return !rf_wait_pending(&wait->selection.wait); }

rf_status rf_wait_end(rf_async *self, size_t *chosen) {
  if (rf_wait_claim(&self->selection.wait))
    rf_wait_finish(&self->selection.wait, RF_CANCELLED, self->selection.count);
  while (__atomic_load_n(&self->selection.wait.state, __ATOMIC_ACQUIRE) != WAIT_OVER)
    PAUSE(); /* claimed by a partner, who needs no lock to end it */
  size_t unused;
  rf_status status = conclude(&self->selection, chosen ? chosen : &unused);
  release_selection(&self->selection);
  free(self);
  return status;
}

/* ---- One case -------------------------------------------------------------------------------------------------- */

rf_status rf_channel_send(rf_channel *channel, rf_message **message, int64_t until, rf_cancel *cancel) {
  rf_case entry = {channel, RF_SEND, *message};
  rf_status status = rf_select(&entry, 1, NULL, RF_PRIORITY, until, cancel);
  *message = entry.message;
  return status;
}

rf_status rf_channel_receive(rf_channel *channel, rf_message **message, int64_t until, rf_cancel *cancel) {
  rf_case entry = {channel, RF_RECEIVE, NULL};
  rf_status status = rf_select(&entry, 1, NULL, RF_PRIORITY, until, cancel);
  *message = entry.message;
  return status;
}
