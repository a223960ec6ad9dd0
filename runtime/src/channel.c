/* Channels and waiting for one of several: see ringfence_channel.h.
 *
 * Whoever finds a partner in a queue hands over directly and ends the partner's wait: a wait stands in the queues of all
 * its cases, and rf_wait_claim decides which of several partners is the one. So receivers wait only at an empty ring,
 * senders only at a full one, and no wake-up is lost or spurious. */
#include "channel_core.h"

#include <string.h>

/* ---- Queues of waiters, with the channel's lock held ----------------------------------------------------------- */

static void enqueue(waiter_queue *queue, rf_waiter *waiter) {
  waiter->queued = true;
  waiter->next = NULL;
  waiter->previous = queue->last;
  *(queue->last ? &queue->last->next : &queue->first) = waiter;
  queue->last = waiter;
}

static void dequeue(waiter_queue *queue, rf_waiter *waiter) {
  if (!waiter->queued)
    return;
  waiter->queued = false;
  *(waiter->next ? &waiter->next->previous : &queue->last) = waiter->previous;
  *(waiter->previous ? &waiter->previous->next : &queue->first) = waiter->next;
}

static waiter_queue *queue_of(rf_channel *channel, rf_direction direction) {
  return direction == RF_SEND ? &channel->senders : direction == RF_RECEIVE ? &channel->receivers : &channel->peekers;
}

/* The longest waiting one whose wait is still open; the caller now ends that wait. NULL where there is none. */
static rf_waiter *claim_first(waiter_queue *queue) {
  while (queue->first) {
    rf_waiter *waiter = queue->first;
    dequeue(queue, waiter);
    if (rf_wait_claim(waiter->wait))
      return waiter;
  }
  return NULL;
}

static void finish(rf_waiter *waiter, rf_status status) { rf_wait_finish(waiter->wait, status, waiter->index); }

static void finish_all(waiter_queue *queue, rf_status status) {
  for (rf_waiter *waiter; (waiter = claim_first(queue));)
    finish(waiter, status);
}

/* ---- The ring, with the lock held ------------------------------------------------------------------------------ */

static bool push(rf_channel *channel, rf_message *message) {
  if (channel->length == channel->room) {
    size_t room = channel->room ? 2 * channel->room : 4;
    room = room < channel->capacity ? room : channel->capacity;
    rf_message **ring = RF_MALLOC(room * sizeof *ring);
    if (!ring)
      return false;
    for (size_t i = 0; i < channel->length; i++)
      ring[i] = channel->ring[(channel->first + i) % channel->room];
    free(channel->ring);
    channel->ring = ring;
    channel->room = room;
    channel->first = 0;
  }
  channel->ring[(channel->first + channel->length++) % channel->room] = message;
  return true;
}

static rf_message *pop(rf_channel *channel) {
  rf_message *message = channel->ring[channel->first];
  channel->first = (channel->first + 1) % channel->room;
  channel->length--;
  return message;
}

/* ---- One case, if it can be done now; with the lock held ------------------------------------------------------- */

static rf_status try_send(rf_channel *channel, rf_message **message) {
  if (channel->state != RF_OK)
    return channel->state;
  rf_waiter *receiver = claim_first(&channel->receivers);
  if (receiver) {
    receiver->message = *message;
    *message = NULL;
    finish(receiver, RF_OK);
    return RF_OK;
  }
  if (channel->length >= channel->capacity)
    return RF_WOULD_BLOCK;
  if (!push(channel, *message))
    return RF_NO_MEMORY;
  *message = NULL;
  finish_all(&channel->peekers, RF_OK);
  return RF_OK;
}

static rf_status try_receive(rf_channel *channel, rf_message **message) {
  if (channel->state == RF_POISONED)
    return RF_POISONED;
  rf_waiter *sender;
  if (channel->length) {
    *message = pop(channel);
    if ((sender = claim_first(&channel->senders))) {
      push(channel, sender->message); /* into the place that became free */
      sender->message = NULL;
      finish(sender, RF_OK);
    }
    return RF_OK;
  }
  if ((sender = claim_first(&channel->senders))) {
    *message = sender->message;
    sender->message = NULL;
    finish(sender, RF_OK);
    return RF_OK;
  }
  return channel->state == RF_OK ? RF_WOULD_BLOCK : channel->state;
}

static rf_status try_peek(rf_channel *channel) {
  if (channel->length)
    return RF_OK;
  for (const rf_waiter *sender = channel->senders.first; sender; sender = sender->next)
    if (rf_wait_pending(sender->wait))
      return RF_OK;
  return channel->state == RF_OK ? RF_WOULD_BLOCK : channel->state;
}

static rf_status try_case(rf_case *entry) {
  return !entry->channel                  ? RF_WOULD_BLOCK
         : entry->direction == RF_SEND    ? try_send(entry->channel, &entry->message)
         : entry->direction == RF_RECEIVE ? try_receive(entry->channel, &entry->message)
                                          : try_peek(entry->channel);
}

/* ---- Several cases --------------------------------------------------------------------------------------------- */

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
    rf_status status = try_case(&self->cases[at]);
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
    if (!entry->channel)
      continue;
    enqueue(queue_of(entry->channel, entry->direction), &self->waiters[i]);
    if (entry->direction == RF_SEND) /* a receiver would find it now */
      finish_all(&entry->channel->peekers, RF_OK);
  }
}

static void leave_queues(selection *self) {
  lock_all(self);
  for (size_t i = 0; i < self->count; i++)
    if (self->cases[i].channel)
      dequeue(queue_of(self->cases[i].channel, self->cases[i].direction), &self->waiters[i]);
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

/* ---- Life of a channel ----------------------------------------------------------------------------------------- */

static void drop(rf_message **ring, size_t first, size_t length, size_t room) {
  for (size_t i = 0; i < length; i++)
    rf_message_free(ring[(first + i) % room]);
  free(ring);
}

static void destroy_channel(rf_shared *shared) {
  rf_channel *channel = (rf_channel *)shared;
  rf_lock_end(&channel->lock);
  drop(channel->ring, channel->first, channel->length, channel->room);
  free(channel);
  __atomic_sub_fetch(&rf_live_channels, 1, __ATOMIC_RELAXED);
}

rf_channel *rf_channel_new(size_t capacity, const char *name) {
  static uint64_t last_id;
  size_t length = name ? strlen(name) : 0;
  rf_channel *channel = RF_MALLOC(sizeof *channel + length + 1);
  if (!channel)
    return NULL;
  memset(channel, 0, sizeof *channel);
  channel->shared = (rf_shared){1, RF_KIND_CHANNEL, destroy_channel};
  channel->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
  channel->capacity = capacity;
  memcpy(channel->name, name ? name : "", length + 1);
  rf_lock_init(&channel->lock, LOCK_CHANNEL);
  __atomic_add_fetch(&rf_live_channels, 1, __ATOMIC_RELAXED);
  return channel;
}

static void end_channel(rf_channel *channel, rf_status state) {
  rf_message **ring = NULL;
  size_t first = 0, length = 0, room = 0;
  rf_lock_take(&channel->lock);
  if (channel->state < state) {
    channel->state = state;
    finish_all(&channel->senders, state);
    finish_all(&channel->receivers, state);
    finish_all(&channel->peekers, state);
    if (state == RF_POISONED) {
      ring = channel->ring, first = channel->first, length = channel->length, room = channel->room;
      channel->ring = NULL;
      channel->length = channel->room = channel->first = 0;
    }
  }
  rf_lock_give(&channel->lock);
  drop(ring, first, length, room); /* without the lock: what they refer to may be channels */
}

void rf_channel_close(rf_channel *channel) { end_channel(channel, RF_CLOSED); }
void rf_channel_poison(rf_channel *channel) { end_channel(channel, RF_POISONED); }

size_t rf_channel_length(rf_channel *channel) {
  rf_lock_take(&channel->lock);
  size_t length = channel->length;
  rf_lock_give(&channel->lock);
  return length;
}

rf_status rf_channel_state(rf_channel *channel) {
  rf_lock_take(&channel->lock);
  rf_status state = channel->state;
  rf_lock_give(&channel->lock);
  return state;
}

size_t rf_channel_capacity(const rf_channel *channel) { return channel->capacity; }
const char *rf_channel_name(const rf_channel *channel) { return channel->name; }
uint64_t rf_channel_id(const rf_channel *channel) { return channel->id; }
void rf_channel_inside(rf_channel *channel) { channel->inside = true; }

void rf_channel_after_fork(rf_lock *lock) {
  rf_channel *channel = (rf_channel *)(void *)((char *)lock - offsetof(rf_channel, lock));
  channel->senders = channel->receivers = channel->peekers = (waiter_queue){NULL, NULL};
}
