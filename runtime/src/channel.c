/* Channels: their queues, their ring, what one case does, their life. See ringfence_channel.h.
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

static waiter_queue *queue_of(const rf_case *entry) {
  rf_channel *channel = entry->channel;
  return entry->direction == RF_SEND      ? &channel->senders
         : entry->direction == RF_RECEIVE ? &channel->receivers
                                          : &channel->peekers;
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

rf_status rf_case_try(rf_case *entry) {
  return !entry->channel                  ? RF_WOULD_BLOCK
         : entry->direction == RF_SEND    ? try_send(entry->channel, &entry->message)
         : entry->direction == RF_RECEIVE ? try_receive(entry->channel, &entry->message)
                                          : try_peek(entry->channel);
}

void rf_case_enqueue(const rf_case *entry, rf_waiter *waiter) {
  if (!entry->channel)
    return;
  enqueue(queue_of(entry), waiter);
  if (entry->direction == RF_SEND) /* a receiver would find it now */
    finish_all(&entry->channel->peekers, RF_OK);
}

void rf_case_dequeue(const rf_case *entry, rf_waiter *waiter) {
  if (entry->channel)
    dequeue(queue_of(entry), waiter);
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
