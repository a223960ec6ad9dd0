// Threads that send, receive, select, time out, cancel, close, and fork at random: no message lost, doubled or leaked.
//
//   channel_stress [SECONDS [THREADS [SEED]]]
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ringfence_channel.h>

#include "forks.h"

enum { CHANNELS = 6, SLOTS = 1 << 22 };

static rf_channel *channels[CHANNELS];
static pthread_rwlock_t exchange = PTHREAD_RWLOCK_INITIALIZER; // guards the pointers in `channels`
static unsigned char *arrivals;                                // by number of message
static unsigned next_number;
static int stop;
static long sent, received;

static void fail(const char *what, long number) {
  fprintf(stderr, "channel_stress: %s %ld\n", what, number);
  abort();
}

static unsigned random_of(unsigned *state, unsigned limit) {
  *state ^= *state << 13, *state ^= *state >> 17, *state ^= *state << 5;
  return *state % limit;
}

static rf_channel *borrow(unsigned *random) {
  pthread_rwlock_rdlock(&exchange);
  rf_channel *channel = channels[random_of(random, CHANNELS)];
  rf_retain(channel);
  pthread_rwlock_unlock(&exchange);
  return channel;
}

static void arrived(rf_message *message) {
  const char *data;
  size_t size;
  unsigned number;
  if (rf_message_bytes(message, &data, &size) != 0 || size != sizeof number)
    fail("a message has changed", 0);
  memcpy(&number, data, sizeof number);
  if (__atomic_add_fetch(&arrivals[number], 1, __ATOMIC_RELAXED) != 1)
    fail("arrived twice: message", number);
  __atomic_add_fetch(&received, 1, __ATOMIC_RELAXED);
  rf_message_free(message);
}

static rf_message *next_message(void) {
  unsigned number = __atomic_fetch_add(&next_number, 1, __ATOMIC_RELAXED);
  if (number >= SLOTS)
    return NULL;
  return rf_message_of_bytes(&number, sizeof number);
}

static int64_t some_deadline(unsigned *random) {
  static const int64_t lengths[] = {0, 1000, 50000, 1000000, 5000000};
  return rf_after(lengths[random_of(random, 5)]);
}

static void select_some(unsigned *random, rf_cancel *cancel) {
  rf_case cases[12];
  size_t count = 1 + random_of(random, 12), chosen;
  for (size_t i = 0; i < count; i++) {
    rf_direction direction = random_of(random, 3) == 0 ? RF_SEND : random_of(random, 8) == 0 ? RF_PEEK : RF_RECEIVE;
    cases[i] = (rf_case){borrow(random), direction, direction == RF_SEND ? next_message() : NULL};
    if (direction == RF_SEND && !cases[i].message)
      cases[i].direction = RF_RECEIVE;
  }
  rf_status status =
      rf_select(cases, count, &chosen, random_of(random, 2) ? RF_PRIORITY : 0, some_deadline(random), cancel);
  for (size_t i = 0; i < count; i++) {
    int done = status == RF_OK && i == chosen;
    if (cases[i].direction == RF_SEND && done != !cases[i].message)
      fail("a select sent another case than it says", (long)i);
    if (cases[i].direction == RF_SEND && done)
      __atomic_add_fetch(&sent, 1, __ATOMIC_RELAXED);
    if (cases[i].direction == RF_RECEIVE && cases[i].message)
      arrived(cases[i].message);
    else
      rf_message_free(cases[i].message);
    rf_release(cases[i].channel);
  }
}

// Closes a channel, receives what it holds, and puts a new one in its place.
static void renew(unsigned *random) {
  size_t place = random_of(random, CHANNELS);
  rf_channel *fresh = rf_channel_new(random_of(random, 4), NULL);
  pthread_rwlock_wrlock(&exchange);
  rf_channel *old = channels[place];
  channels[place] = fresh;
  pthread_rwlock_unlock(&exchange);
  rf_channel_close(old);
  for (rf_message *message; rf_channel_receive(old, &message, RF_NOW, NULL) == RF_OK;)
    arrived(message);
  rf_release(old);
}

static void *life(void *argument) {
  unsigned random = *(unsigned *)argument;
  rf_cancel *cancel = rf_cancel_new();
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    unsigned action = random_of(&random, 1000);
    rf_channel *channel = borrow(&random);
    if (action < 350) {
      rf_message *message = next_message();
      if (message && rf_channel_send(channel, &message, some_deadline(&random), cancel) == RF_OK)
        __atomic_add_fetch(&sent, 1, __ATOMIC_RELAXED);
      rf_message_free(message);
    } else if (action < 700) {
      rf_message *message;
      if (rf_channel_receive(channel, &message, some_deadline(&random), cancel) == RF_OK)
        arrived(message);
    } else if (action < 990) {
      select_some(&random, cancel);
    } else if (action < 999) {
      renew(&random);
    } else {
      rf_cancel_fire(cancel);
      rf_cancel_reset(cancel);
    }
    rf_release(channel);
  }
  rf_cancel_free(cancel);
  return NULL;
}

static void fork_once(void) {
  pid_t child = fork();
  if (child == 0) { // every channel can be used
    for (int i = 0; i < CHANNELS; i++) {
      rf_message *message = rf_message_of_bytes("", 0);
      rf_channel_send(channels[i], &message, rf_after(1000), NULL);
      rf_message_free(message);
    }
    _exit(0);
  }
  int status;
  if (waitpid(child, &status, 0) != child || status != 0)
    fail("a forked child ended with", status);
}

int main(int argc, char **argv) {
  int seconds = argc > 1 ? atoi(argv[1]) : 5, threads = argc > 2 ? atoi(argv[2]) : 32;
  unsigned seed = argc > 3 ? (unsigned)atoi(argv[3]) : 1;
  pthread_t thread[256];
  unsigned seeds[256];
  arrivals = calloc(SLOTS, 1);
  for (int i = 0; i < CHANNELS; i++)
    channels[i] = rf_channel_new((size_t)i % 3 == 2 ? RF_UNBOUNDED : (size_t)i % 3, NULL);
  for (int i = 0; i < threads && i < 256; i++) {
    seeds[i] = (seed + (unsigned)i) * 2654435761u | 1;
    pthread_create(&thread[i], NULL, life, &seeds[i]);
  }
  for (time_t end = time(NULL) + seconds; time(NULL) < end;) {
    usleep(100000);
    if (!THREADS_MAY_FORK)
      continue;
    pthread_rwlock_rdlock(&exchange);
    fork_once();
    pthread_rwlock_unlock(&exchange);
  }
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < threads && i < 256; i++)
    pthread_join(thread[i], NULL);
  for (int i = 0; i < CHANNELS; i++) {
    for (rf_message *message; rf_channel_receive(channels[i], &message, RF_NOW, NULL) == RF_OK;)
      arrived(message);
    rf_release(channels[i]);
  }
  if (sent != received)
    fail("messages lost:", sent - received);
  rf_channel_counts left = rf_channel_count();
  if (left.channels || left.messages || left.blocks)
    fail("leaked:", (long)(left.channels + left.messages + left.blocks));
  printf("%ld messages, none lost or doubled\n", received);
  free(arrivals);
  return 0;
}
