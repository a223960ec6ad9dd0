// Channels from C, with threads alone: every operation, at once and blocking; ends in 0, or names what failed.
#define _GNU_SOURCE 1
#include "check.h"
#include "forks.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ringfence_channel.h>
#include <ringfence_network.h>

enum { MILLISECOND = 1000000, LOOKS = 200 };

static rf_message *message(int number) {
  rf_message *made = rf_message_of_bytes(&number, sizeof number);
  REQUIRE(made);
  return made;
}

static int number_in(rf_message *received) {
  const char *data;
  size_t size;
  int number;
  REQUIRE(received && rf_message_bytes(received, &data, &size) == 0 && size == sizeof number);
  memcpy(&number, data, sizeof number);
  rf_message_free(received);
  return number;
}

static rf_status send(rf_channel *channel, int number, int64_t until) {
  rf_message *sent = message(number);
  rf_status status = rf_channel_send(channel, &sent, until, NULL);
  REQUIRE((sent == NULL) == (status == RF_OK));
  rf_message_free(sent);
  return status;
}

static int receive(rf_channel *channel, int64_t until) {
  rf_message *received;
  rf_status status = rf_channel_receive(channel, &received, until, NULL);
  return status == RF_OK ? number_in(received) : -(int)status;
}

static pthread_t start(void *(*run)(void *), void *argument) {
  pthread_t thread;
  REQUIRE(pthread_create(&thread, NULL, run, argument) == 0);
  return thread;
}

static void bounded_keeps_order_and_pushes_back(void) {
  rf_channel *channel = rf_channel_new(2, "two");
  REQUIRE(!strcmp(rf_channel_name(channel), "two") && rf_channel_capacity(channel) == 2);
  REQUIRE(receive(channel, RF_NOW) == -RF_WOULD_BLOCK);
  REQUIRE(send(channel, 1, RF_NOW) == RF_OK && send(channel, 2, RF_NOW) == RF_OK);
  REQUIRE(send(channel, 3, RF_NOW) == RF_WOULD_BLOCK);
  REQUIRE(send(channel, 3, rf_after(5 * MILLISECOND)) == RF_TIMED_OUT);
  REQUIRE(rf_channel_length(channel) == 2);
  REQUIRE(receive(channel, RF_NOW) == 1 && receive(channel, RF_FOREVER) == 2);
  REQUIRE(receive(channel, rf_after(5 * MILLISECOND)) == -RF_TIMED_OUT);
  rf_release(channel);
}

static void unbounded_takes_all(void) {
  rf_channel *channel = rf_channel_new(RF_UNBOUNDED, NULL);
  for (int i = 0; i < 1000; i++)
    REQUIRE(send(channel, i, RF_NOW) == RF_OK);
  for (int i = 0; i < 500; i++)
    REQUIRE(receive(channel, RF_NOW) == i);
  rf_release(channel); // with what it holds
}

static void close_drains_and_poison_drops(void) {
  rf_channel *channel = rf_channel_new(4, NULL);
  send(channel, 1, RF_NOW);
  rf_channel_close(channel);
  REQUIRE(send(channel, 2, RF_FOREVER) == RF_CLOSED);
  REQUIRE(receive(channel, RF_FOREVER) == 1 && receive(channel, RF_FOREVER) == -RF_CLOSED);
  rf_release(channel);
  channel = rf_channel_new(4, NULL);
  send(channel, 1, RF_NOW);
  rf_channel_poison(channel);
  REQUIRE(rf_channel_state(channel) == RF_POISONED && rf_channel_length(channel) == 0);
  REQUIRE(receive(channel, RF_FOREVER) == -RF_POISONED && send(channel, 2, RF_FOREVER) == RF_POISONED);
  rf_release(channel);
}

static void *receive_forever(void *channel) { return (void *)(intptr_t)receive(channel, RF_FOREVER); }
static void *send_seven(void *channel) { return (void *)(intptr_t)send(channel, 7, RF_FOREVER); }

static intptr_t result_of(pthread_t thread) {
  void *result;
  REQUIRE(pthread_join(thread, &result) == 0);
  return (intptr_t)result;
}

static void blocked_partners_meet(void) {
  for (int capacity = 0; capacity < 2; capacity++) {
    rf_channel *channel = rf_channel_new((size_t)capacity, NULL);
    pthread_t receiver = start(receive_forever, channel);
    usleep(5000);
    REQUIRE(send(channel, 7, RF_FOREVER) == RF_OK);
    REQUIRE(result_of(receiver) == 7);
    if (capacity)
      send(channel, 6, RF_NOW);
    pthread_t sender = start(send_seven, channel);
    usleep(5000);
    if (capacity)
      REQUIRE(receive(channel, RF_FOREVER) == 6);
    REQUIRE(receive(channel, RF_FOREVER) == 7);
    REQUIRE(result_of(sender) == RF_OK);
    rf_release(channel);
  }
}

static void ends_wake_those_who_wait(void) {
  void (*const ends[])(rf_channel *) = {rf_channel_close, rf_channel_poison};
  const rf_status seen[] = {RF_CLOSED, RF_POISONED};
  for (int i = 0; i < 2; i++) {
    rf_channel *channel = rf_channel_new(0, NULL), *other = rf_channel_new(0, NULL);
    pthread_t receiver = start(receive_forever, channel), sender = start(send_seven, other);
    usleep(5000);
    ends[i](channel);
    ends[i](other);
    REQUIRE(result_of(receiver) == -(int)seen[i]);
    REQUIRE(result_of(sender) == (int)seen[i]);
    rf_release(channel);
    rf_release(other);
  }
}

static void select_does_one_case(void) {
  rf_channel *a = rf_channel_new(1, NULL), *b = rf_channel_new(1, NULL);
  rf_case cases[] = {{a, RF_RECEIVE, NULL}, {b, RF_RECEIVE, NULL}, {NULL, RF_RECEIVE, NULL}};
  size_t chosen;
  REQUIRE(rf_select(cases, 3, &chosen, 0, RF_NOW, NULL) == RF_WOULD_BLOCK && chosen == 3);
  REQUIRE(rf_select(cases, 3, &chosen, 0, rf_after(MILLISECOND), NULL) == RF_TIMED_OUT);
  REQUIRE(rf_select(NULL, 0, &chosen, 0, rf_after(MILLISECOND), NULL) == RF_TIMED_OUT);
  send(b, 5, RF_NOW);
  REQUIRE(rf_select(cases, 3, &chosen, 0, RF_FOREVER, NULL) == RF_OK && chosen == 1 &&
          number_in(cases[1].message) == 5);
  cases[1].message = NULL;
  rf_case both[] = {{a, RF_SEND, message(1)}, {a, RF_RECEIVE, NULL}};
  REQUIRE(rf_select(both, 2, &chosen, 0, RF_FOREVER, NULL) == RF_OK && chosen == 0 && !both[0].message);
  both[0].message = message(2);
  REQUIRE(rf_select(both, 2, &chosen, 0, RF_FOREVER, NULL) == RF_OK && chosen == 1 && number_in(both[1].message) == 1);
  rf_message_free(both[0].message);
  rf_channel_close(b);
  REQUIRE(rf_select(cases, 3, &chosen, 0, RF_FOREVER, NULL) == RF_CLOSED && chosen == 1);
  rf_release(a);
  rf_release(b);
}

static void select_is_fair_or_by_priority(void) {
  rf_channel *a = rf_channel_new(RF_UNBOUNDED, NULL), *b = rf_channel_new(RF_UNBOUNDED, NULL);
  int seen[2] = {0, 0};
  for (int i = 0; i < 2000; i++) {
    send(a, i, RF_NOW);
    send(b, i, RF_NOW);
  }
  for (int i = 0; i < 1000; i++) {
    rf_case cases[] = {{a, RF_RECEIVE, NULL}, {b, RF_RECEIVE, NULL}};
    size_t chosen;
    REQUIRE(rf_select(cases, 2, &chosen, i < 500 ? 0 : RF_PRIORITY, RF_FOREVER, NULL) == RF_OK);
    rf_message_free(cases[chosen].message);
    if (i < 500)
      seen[chosen]++;
    else
      REQUIRE(chosen == 0);
  }
  REQUIRE(seen[0] > 150 && seen[1] > 150);
  rf_release(a);
  rf_release(b);
}

static void *select_send_or_receive(void *argument) {
  rf_channel **channels = argument;
  rf_case cases[] = {{channels[0], RF_SEND, message(9)}, {channels[1], RF_RECEIVE, NULL}};
  size_t chosen;
  REQUIRE(rf_select(cases, 2, &chosen, 0, RF_FOREVER, NULL) == RF_OK);
  rf_message_free(cases[0].message);
  return (void *)(intptr_t)(chosen == 0 ? 100 : number_in(cases[1].message));
}

static void a_blocked_select_is_taken_by_either_side(void) {
  for (int side = 0; side < 2; side++) {
    rf_channel *channels[] = {rf_channel_new(0, NULL), rf_channel_new(0, NULL)};
    pthread_t thread = start(select_send_or_receive, channels);
    usleep(5000);
    if (side == 0)
      REQUIRE(receive(channels[0], RF_FOREVER) == 9);
    else
      REQUIRE(send(channels[1], 4, RF_FOREVER) == RF_OK);
    REQUIRE(result_of(thread) == (side == 0 ? 100 : 4));
    REQUIRE(receive(channels[0], RF_NOW) == -RF_WOULD_BLOCK); // it left both queues
    REQUIRE(send(channels[1], 4, RF_NOW) == RF_WOULD_BLOCK);
    rf_release(channels[0]);
    rf_release(channels[1]);
  }
}

static void peek_takes_nothing(void) {
  rf_channel *channel = rf_channel_new(1, NULL);
  rf_case entry = {channel, RF_PEEK, NULL};
  REQUIRE(rf_select(&entry, 1, NULL, 0, RF_NOW, NULL) == RF_WOULD_BLOCK);
  send(channel, 1, RF_NOW);
  REQUIRE(rf_select(&entry, 1, NULL, 0, RF_NOW, NULL) == RF_OK && rf_channel_length(channel) == 1);
  rf_release(channel);
}

static void *cancelled_receive(void *argument) {
  void **both = argument;
  rf_message *received;
  return (void *)(intptr_t)rf_channel_receive(both[0], &received, RF_FOREVER, both[1]);
}

static void a_cancel_ends_waits(void) {
  rf_channel *channel = rf_channel_new(0, NULL);
  rf_cancel *cancel = rf_cancel_new();
  void *both[] = {channel, cancel};
  pthread_t thread = start(cancelled_receive, both);
  usleep(5000);
  rf_cancel_fire(cancel);
  REQUIRE(result_of(thread) == RF_CANCELLED);
  REQUIRE((intptr_t)cancelled_receive(both) == RF_CANCELLED && rf_cancel_fired(cancel));
  rf_cancel_reset(cancel);
  rf_message *received;
  REQUIRE(rf_channel_receive(channel, &received, rf_after(MILLISECOND), cancel) == RF_TIMED_OUT);
  rf_cancel_free(cancel);
  rf_release(channel);
}

static void on_signal(int number) { (void)number; }

static void *signalled_receive(void *channel) {
  rf_case entry = {channel, RF_RECEIVE, NULL};
  return (void *)(intptr_t)rf_select(&entry, 1, NULL, RF_UNTIL_SIGNAL, RF_FOREVER, NULL);
}

static void a_signal_ends_waits_that_ask_for_it(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGUSR1, &action, NULL);
  rf_channel *channel = rf_channel_new(0, NULL);
  pthread_t asks = start(signalled_receive, channel), does_not = start(receive_forever, channel);
  usleep(20000);
  pthread_kill(asks, SIGUSR1);
  pthread_kill(does_not, SIGUSR1);
  REQUIRE(result_of(asks) == RF_SIGNALLED);
  REQUIRE(send(channel, 3, RF_FOREVER) == RF_OK && result_of(does_not) == 3);
  rf_release(channel);
}

static void a_signal_just_before_a_wait_ends_it_too(void) {
  rf_channel *channel = rf_channel_new(0, NULL);
  raise(SIGUSR1);
  REQUIRE((intptr_t)signalled_receive(channel) == RF_SIGNALLED);
  rf_case entry = {channel, RF_RECEIVE, NULL};
  REQUIRE(rf_select(&entry, 1, NULL, RF_UNTIL_SIGNAL, rf_after(MILLISECOND), NULL) == RF_TIMED_OUT);
  rf_release(channel);
}

static void an_event_loop_waits_by_descriptor(void) {
  int fd = eventfd(0, EFD_NONBLOCK);
  struct pollfd readable = {fd, POLLIN, 0};
  rf_channel *channel = rf_channel_new(0, NULL);
  rf_case entry = {channel, RF_RECEIVE, NULL};
  rf_async *wait = rf_wait_begin(&entry, 1, 0, fd);
  REQUIRE(!rf_wait_is_over(wait) && poll(&readable, 1, 0) == 0);
  REQUIRE(send(channel, 8, RF_NOW) == RF_OK); // it is a receiver as any
  REQUIRE(poll(&readable, 1, 1000) == 1 && rf_wait_is_over(wait));
  size_t chosen;
  REQUIRE(rf_wait_end(wait, &chosen) == RF_OK && chosen == 0 && number_in(entry.message) == 8);
  wait = rf_wait_begin(&entry, 1, 0, fd);
  REQUIRE(rf_wait_end(wait, NULL) == RF_CANCELLED && send(channel, 8, RF_NOW) == RF_WOULD_BLOCK);
  rf_channel_close(channel);
  wait = rf_wait_begin(&entry, 1, 0, fd);
  REQUIRE(rf_wait_is_over(wait) && rf_wait_end(wait, NULL) == RF_CLOSED);
  close(fd);
  rf_release(channel);
}

static void messages_carry_blocks_and_channels(void) {
  rf_channel *channel = rf_channel_new(1, NULL), *passenger = rf_channel_new(1, NULL);
  rf_block *block = rf_block_new(1 << 20);
  REQUIRE(block && block->data[0] == 0 && block->data[(1 << 20) - 1] == 0);
  block->data[5] = 'x';
  rf_message *sent = rf_message_new(0);
  REQUIRE(rf_message_refer(sent, block) == 0);
  rf_retain(passenger);
  REQUIRE(rf_message_refer(sent, passenger) == 1);
  REQUIRE(rf_channel_send(channel, &sent, RF_NOW, NULL) == RF_OK);
  rf_message *received;
  REQUIRE(rf_channel_receive(channel, &received, RF_NOW, NULL) == RF_OK);
  REQUIRE(received->reference_count == 2 && ((rf_block *)received->references[0])->data[5] == 'x');
  REQUIRE(send((rf_channel *)received->references[1], 1, RF_NOW) == RF_OK);
  rf_message_free(received);
  REQUIRE(receive(passenger, RF_NOW) == 1);
  rf_release(passenger);
  rf_release(channel);
}

// A fork while others hold locks and wait: the child has the channels with what they hold, and nobody in the queues.
static void *churn(void *argument) {
  void **both = argument;
  while (!rf_cancel_fired(both[1])) {
    send(both[0], 1, RF_NOW);
    receive(both[0], RF_NOW);
  }
  return NULL;
}

static void a_fork_leaves_channels_whole(void) {
  if (!THREADS_MAY_FORK)
    return;
  rf_channel *busy = rf_channel_new(8, NULL), *waited = rf_channel_new(0, NULL), *held = rf_channel_new(1, NULL);
  rf_cancel *stop = rf_cancel_new();
  void *both[] = {busy, stop};
  pthread_t churner = start(churn, both), waiter = start(receive_forever, waited);
  send(held, 5, RF_NOW);
  for (int i = 0; i < 50; i++) {
    pid_t child = fork();
    if (child == 0)
      _exit(receive(held, RF_NOW) == 5 && send(waited, 1, RF_NOW) == RF_WOULD_BLOCK &&
                    send(busy, 1, rf_after(1000 * MILLISECOND)) == RF_OK
                ? 0
                : 1);
    int status;
    REQUIRE(waitpid(child, &status, 0) == child && status == 0);
  }
  rf_cancel_fire(stop);
  result_of(churner);
  REQUIRE(send(waited, 1, RF_FOREVER) == RF_OK && result_of(waiter) == 1);
  rf_cancel_free(stop);
  rf_release(busy);
  rf_release(waited);
  rf_release(held);
}

// ---- Networks ----

typedef struct {
  rf_network *network;
  const char *name;
  rf_channel *from, *to;
  rf_status status;
} relay;

static void *run_relay(void *argument) { // receives, then sends
  relay *self = argument;
  REQUIRE(rf_process_begin(self->network, self->name) == 0);
  rf_message *passing = NULL;
  self->status = rf_channel_receive(self->from, &passing, RF_FOREVER, NULL);
  if (self->status == RF_OK)
    self->status = rf_channel_send(self->to, &passing, RF_FOREVER, NULL);
  rf_message_free(passing);
  rf_process_end();
  return NULL;
}

static void a_deadlock_is_found_and_named(void) {
  rf_network *network = rf_network_new();
  rf_channel *a = rf_channel_new(0, "a"), *b = rf_channel_new(0, "b");
  rf_channel_inside(a);
  rf_channel_inside(b);
  relay first = {network, "first", a, b, RF_OK}, second = {network, "second", b, a, RF_OK};
  rf_network_expect(network);
  rf_network_expect(network);
  pthread_t threads[] = {start(run_relay, &first), start(run_relay, &second)};
  result_of(threads[0]);
  result_of(threads[1]);
  REQUIRE(first.status == RF_DEADLOCK && second.status == RF_DEADLOCK);
  char *report = rf_network_report(network);
  REQUIRE(report && strstr(report, "first waits to receive from a\n") &&
          strstr(report, "second waits to receive from b\n"));
  free(report);
  rf_release(a);
  rf_release(b);
  rf_release(network);
}

static void no_deadlock_where_one_goes_on(void) {
  for (int i = 0; i < 200; i++) {
    rf_network *network = rf_network_new();
    rf_channel *a = rf_channel_new(0, "a"), *b = rf_channel_new(0, "b"), *end = rf_channel_new(1, "end");
    rf_channel_inside(a);
    rf_channel_inside(b);
    relay first = {network, "first", a, b, RF_OK}, second = {network, "second", b, end, RF_OK};
    for (int n = 0; n < 3; n++)
      rf_network_expect(network);
    REQUIRE(rf_process_begin(network, "root") == 0);
    pthread_t threads[] = {start(run_relay, &first), start(run_relay, &second)};
    REQUIRE(send(a, 1, RF_FOREVER) == RF_OK);
    rf_process_end();
    result_of(threads[0]);
    result_of(threads[1]);
    REQUIRE(first.status == RF_OK && second.status == RF_OK && receive(end, RF_NOW) == 1);
    REQUIRE(!rf_network_report(network));
    rf_release(a);
    rf_release(b);
    rf_release(end);
    rf_release(network);
  }
}

// A partner that shares the only processor answers within the look, which has to let it run.
static uint32_t asked, answered;

static void *answer(void *unused) {
  (void)unused;
  for (uint32_t last = 0, now; last != LOOKS; last = now) {
    while ((now = __atomic_load_n(&asked, __ATOMIC_ACQUIRE)) == last)
      sched_yield();
    __atomic_store_n(&answered, now, __ATOMIC_RELEASE);
  }
  return NULL;
}

static void a_look_lets_the_partner_run(void) {
  cpu_set_t before, one;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0); // and so is the partner's
  pthread_t partner = start(answer, NULL);
  int found = 0;
  for (uint32_t i = 1; i <= LOOKS; i++) {
    __atomic_store_n(&asked, i, __ATOMIC_RELEASE);
    found += rf_look_briefly(&answered, i, &(rf_luck){0, 0});
  }
  result_of(partner);
  REQUIRE(sched_setaffinity(0, sizeof before, &before) == 0);
  REQUIRE(found >= LOOKS / 2);
}

// CPU time in ns.
static int64_t worked(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void looks_that_find_nothing_cost_little(void) {
  rf_luck luck = {0, 0};
  int64_t begin = worked();
  for (int i = 0; i < 10000; i++)
    REQUIRE(!rf_look_briefly(&(uint32_t){0}, 1, &luck));
  REQUIRE(worked() - begin < 10000 * 2000);
}

int main(void) {
  void (*const tests[])(void) = {bounded_keeps_order_and_pushes_back,
                                 unbounded_takes_all,
                                 close_drains_and_poison_drops,
                                 blocked_partners_meet,
                                 ends_wake_those_who_wait,
                                 select_does_one_case,
                                 select_is_fair_or_by_priority,
                                 a_blocked_select_is_taken_by_either_side,
                                 peek_takes_nothing,
                                 a_cancel_ends_waits,
                                 a_signal_ends_waits_that_ask_for_it,
                                 a_signal_just_before_a_wait_ends_it_too,
                                 an_event_loop_waits_by_descriptor,
                                 messages_carry_blocks_and_channels,
                                 a_fork_leaves_channels_whole,
                                 a_deadlock_is_found_and_named,
                                 no_deadlock_where_one_goes_on,
                                 a_look_lets_the_partner_run,
                                 looks_that_find_nothing_cost_little};
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
    tests[i]();
  rf_channel_counts left = rf_channel_count();
  REQUIRE(left.channels == 0 && left.messages == 0 && left.blocks == 0);
  puts("ok");
  return 0;
}
