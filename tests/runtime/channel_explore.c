// Every interleaving of small programs over the channels' own code: the library is compiled into this file with locks,
// atomics and sleeps that hand over to a scheduler, which tries one order after another (depth first, from the start each
// time) up to a number of preemptions. In each order nothing may be lost, doubled, leaked or stuck.
//
//   channel_explore [PREEMPTIONS]    default 3
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

// ---- The scheduler ----

enum { TASKS = 4, STACK = 1 << 16, DEPTH = 4096 };

typedef struct {
  ucontext_t context;
  char stack[STACK];
  void (*run)(void);
  bool over, spins, woken, can_time_out;
  const pthread_mutex_t *wants; // a lock that another task holds
  const void *sleeps_on;        // a futex
  void *process;                // channel_network.c's `current`
} task;

// ucontext keeps no thread-locals, and there are none: `__thread` is nothing here.
static task tasks[TASKS];
static int task_count, running = -1; // -1: the scheduler itself, which sets up and checks
static ucontext_t scheduler;
static const pthread_mutex_t *held_now[64];
static size_t held_count;
static struct { int taken, of; } path[DEPTH];
static size_t depth, known;
static int preemptions, preemption_limit = 3;
static const char *scenario_name;

static void fail(const char *what) {
  fprintf(stderr, "%s: %s; choices:", scenario_name, what);
  for (size_t i = 0; i < depth; i++)
    fprintf(stderr, " %d/%d", path[i].taken, path[i].of);
  fputc('\n', stderr);
  for (int i = 0; i < task_count; i++)
    fprintf(stderr, "task %d: over %d, spins %d, wants %p, sleeps on %p, woken %d\n", i, tasks[i].over, tasks[i].spins,
            (const void *)tasks[i].wants, tasks[i].sleeps_on, tasks[i].woken);
  exit(1);
}
#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    if (!(condition))                                                                                                  \
      fail(#condition);                                                                                                \
  } while (0)

static int choose(int of) {
  if (of < 2)
    return 0;
  CHECK(depth < DEPTH);
  if (depth == known)
    path[known].taken = 0, path[known++].of = of;
  CHECK(path[depth].of == of);
  return path[depth++].taken;
}

static bool is_held(const pthread_mutex_t *mutex) {
  for (size_t i = 0; i < held_count; i++)
    if (held_now[i] == mutex)
      return true;
  return false;
}

static bool can_run(const task *self) {
  return !self->over && !self->spins && !(self->wants && is_held(self->wants)) &&
         !(self->sleeps_on && !self->woken && !self->can_time_out);
}

static void hand_over(void) {
  int self = running;
  if (self >= 0)
    swapcontext(&tasks[self].context, &scheduler);
}

static void lock_of(pthread_mutex_t *mutex) {
  hand_over();
  if (running >= 0)
    while (is_held(mutex)) {
      tasks[running].wants = mutex;
      hand_over();
      tasks[running].wants = NULL;
    }
  held_now[held_count++] = mutex;
}

static void unlock(const pthread_mutex_t *mutex) {
  for (size_t i = 0; i < held_count; i++)
    if (held_now[i] == mutex) {
      held_now[i] = held_now[--held_count];
      return;
    }
  fail("a lock is given back that is not held");
}

static long futex(uint32_t *address, int operation, uint32_t value, const struct timespec *deadline) {
  hand_over();
  if (operation == 1 + 128) { // FUTEX_WAKE_PRIVATE
    for (int i = 0; i < task_count; i++)
      if (tasks[i].sleeps_on == address && !tasks[i].woken) {
        tasks[i].woken = true;
        return 1;
      }
    return 0;
  }
  if (*address != value)
    return errno = EAGAIN, -1;
  task *self = &tasks[running];
  self->sleeps_on = address;
  self->woken = false;
  self->can_time_out = deadline != NULL;
  hand_over();
  self->sleeps_on = NULL;
  return self->woken ? 0 : (errno = ETIMEDOUT, -1);
}

static void spin(void) {
  if (running >= 0)
    tasks[running].spins = true;
  hand_over();
}

#define pthread_mutex_lock lock_of
#define pthread_mutex_unlock unlock
#define syscall(number, address, operation, value, deadline, ...) futex(address, operation, value, deadline)
#define RF_LONGEST_LOOK 0 // by the clock: not twice the same
#define PAUSE() spin()
#define __thread
#define __atomic_compare_exchange_n(...) (hand_over(), __atomic_compare_exchange_n(__VA_ARGS__))
#define __atomic_store_n(...) (hand_over(), __atomic_store_n(__VA_ARGS__))
#include "../../runtime/src/channel.c"
#include "../../runtime/src/channel_locks.c"
#include "../../runtime/src/channel_message.c"
#include "../../runtime/src/channel_network.c"
#include "../../runtime/src/channel_select.c"
#include "../../runtime/src/channel_wait.c"

static void run_task(void) {
  tasks[running].run();
  tasks[running].over = true;
  hand_over();
}

// One order of the tasks, as `path` says and then the first of each choice.
static void run_once(void) {
  volatile int last = -1; // swapcontext returns a second time, as longjmp
  preemptions = 0;
  for (int i = 0; i < task_count; i++) {
    task *self = &tasks[i];
    self->over = self->spins = self->woken = self->can_time_out = false;
    self->wants = self->sleeps_on = self->process = NULL;
    getcontext(&self->context);
    self->context.uc_stack.ss_sp = self->stack;
    self->context.uc_stack.ss_size = STACK;
    self->context.uc_link = NULL;
    makecontext(&self->context, run_task, 0);
  }
  for (;;) {
    int ready[TASKS], count = 0, open = 0;
    bool goes_on = last >= 0 && can_run(&tasks[last]);
    if (goes_on) // first, so that to stay costs no preemption
      ready[count++] = last;
    for (int i = 0; i < task_count; i++) {
      open += !tasks[i].over;
      if (i != last && can_run(&tasks[i]))
        ready[count++] = i;
    }
    if (!open)
      return;
    if (!count)
      fail("nobody can go on");
    int choice = choose(goes_on && preemptions >= preemption_limit ? 1 : count);
    preemptions += goes_on && choice;
    last = ready[choice];
    for (int i = 0; i < task_count; i++)
      if (i != last)
        tasks[i].spins = false;
    running = last;
    current = tasks[last].process;
    swapcontext(&scheduler, &tasks[last].context);
    tasks[last].process = current;
    current = NULL;
    running = -1;
  }
}

static bool next_path(void) {
  while (known && path[known - 1].taken + 1 >= path[known - 1].of)
    known--;
  if (known)
    path[known - 1].taken++;
  return known > 0;
}

// ---- Programs ----

static rf_channel *a, *b;
static rf_network *network;
static rf_cancel *cancel;
static int got[8], got_count, sent_count, outcome[TASKS];

static rf_message *message(int number) { return rf_message_of_bytes(&number, sizeof number); }

static void take(rf_message *received) {
  const char *data;
  size_t size;
  if (received && rf_message_bytes(received, &data, &size) == 0)
    memcpy(&got[got_count++], data, sizeof(int));
  rf_message_free(received);
}

static rf_status send(rf_channel *channel, int number, int64_t until) {
  rf_message *sent = message(number);
  rf_status status = rf_channel_send(channel, &sent, until, NULL);
  CHECK((sent == NULL) == (status == RF_OK));
  sent_count += status == RF_OK;
  rf_message_free(sent);
  return outcome[running] = status;
}

static rf_status receive(rf_channel *channel, int64_t until, rf_cancel *with) {
  rf_message *received;
  rf_status status = rf_channel_receive(channel, &received, until, with);
  take(received);
  return outcome[running] = status;
}

#define LATER (RF_FOREVER - 1)
static void send_1(void) { send(a, 1, RF_FOREVER); }
static void send_2(void) { send(a, 2, RF_FOREVER); }
static void send_1_or_not(void) { send(a, 1, LATER); }
static void send_2_on_b_or_not(void) { send(b, 2, LATER); }
static void receive_two(void) { receive(a, RF_FOREVER, NULL), receive(a, RF_FOREVER, NULL); }
static void receive_one(void) { receive(a, RF_FOREVER, NULL); }
static void receive_or_not(void) { receive(a, LATER, NULL); }
static void receive_with_cancel(void) { receive(a, RF_FOREVER, cancel); }
static void close_a(void) { rf_channel_close(a); }
static void poison_a(void) { rf_channel_poison(a); }
static void fire(void) { rf_cancel_fire(cancel); }

static void select_two(rf_channel *to, rf_channel *from, int number, int64_t until) {
  rf_case cases[] = {{to, RF_SEND, message(number)}, {from, RF_RECEIVE, NULL}};
  size_t chosen;
  outcome[running] = (int)rf_select(cases, 2, &chosen, RF_PRIORITY, until, NULL);
  sent_count += !cases[0].message;
  rf_message_free(cases[0].message);
  take(cases[1].message);
}
static void select_a_to_b(void) { select_two(a, b, 1, RF_FOREVER); }
static void select_b_to_a(void) { select_two(b, a, 2, RF_FOREVER); }
static void select_b_to_a_or_not(void) { select_two(b, a, 2, LATER); }

static void receive_from_either_or_not(void) {
  rf_case cases[] = {{a, RF_RECEIVE, NULL}, {b, RF_RECEIVE, NULL}};
  size_t chosen;
  outcome[running] = (int)rf_select(cases, 2, &chosen, RF_PRIORITY, LATER, NULL);
  take(cases[0].message);
  take(cases[1].message);
}

static void peek_then_receive(void) {
  rf_case entry = {a, RF_PEEK, NULL};
  CHECK(rf_select(&entry, 1, NULL, 0, RF_FOREVER, NULL) == RF_OK);
  CHECK(receive(a, RF_FOREVER, NULL) == RF_OK);
}

static void wait_without_thread(void) {
  rf_case entry = {a, RF_RECEIVE, NULL};
  rf_async *wait = rf_wait_begin(&entry, 1, 0, -1);
  outcome[running] = (int)rf_wait_end(wait, NULL);
  take(entry.message);
}

static void process(const char *name, rf_channel *from, rf_channel *to) {
  CHECK(rf_process_begin(network, name) == 0);
  rf_status status = from == a ? RF_OK : send(to, 1, RF_FOREVER);
  if (status == RF_OK)
    status = receive(from, RF_FOREVER, NULL);
  if (status == RF_OK && from == a)
    send(to, 2, RF_FOREVER);
  rf_process_end();
}
static void first_asks(void) { process("first", b, a); }
static void second_answers(void) { process("second", a, b); }
static void waits_on_a(void) {
  CHECK(rf_process_begin(network, "one") == 0);
  receive(a, RF_FOREVER, NULL);
  rf_process_end();
}
static void waits_on_b(void) {
  CHECK(rf_process_begin(network, "other") == 0);
  receive(b, RF_FOREVER, NULL);
  rf_process_end();
}

// What must hold in the end, whatever the order. What a channel still holds counts as received.
static void all_arrived(void) { CHECK(sent_count == got_count); }
static void both_arrived(void) { CHECK(sent_count == 2 && got_count == 2 && got[0] + got[1] == 3); }
static void one_arrived(void) { CHECK(sent_count == 1 && got_count == 1); }
static void no_deadlock(void) {
  both_arrived();
  CHECK(!network->dead);
}
static void deadlock(void) { CHECK(outcome[0] == RF_DEADLOCK && outcome[1] == RF_DEADLOCK && network->report); }
static void poisoned(void) { CHECK(got_count <= sent_count && rf_channel_length(a) == 0); }

static const struct {
  const char *name;
  size_t capacity;
  void (*tasks[TASKS])(void);
  void (*check)(void);
} scenarios[] = {
    {"rendezvous, two senders", 0, {send_1, send_2, receive_two}, both_arrived},
    {"one place, two senders", 1, {send_1, send_2, receive_two}, both_arrived},
    {"two receivers", 1, {send_1, send_2, receive_one, receive_one}, both_arrived},
    {"rendezvous, both may time out", 0, {send_1_or_not, receive_or_not}, all_arrived},
    {"one place, both may time out", 1, {send_1_or_not, receive_or_not}, all_arrived},
    {"two selects, either way", 0, {select_a_to_b, select_b_to_a}, one_arrived},
    {"two selects, one may time out, one more sender", 0, {select_b_to_a_or_not, send_1_or_not}, all_arrived},
    {"select on two senders that may time out",
     0,
     {receive_from_either_or_not, send_1_or_not, send_2_on_b_or_not},
     all_arrived},
    {"close between", 0, {send_1, receive_one, close_a}, all_arrived},
    {"close between, one place", 1, {send_1, send_2, receive_or_not, close_a}, all_arrived},
    {"poison between", 0, {send_1, receive_one, poison_a}, poisoned},
    {"poison between, one place", 1, {send_1, send_2, receive_one, poison_a}, poisoned},
    {"cancel between", 0, {receive_with_cancel, fire, send_1_or_not}, all_arrived},
    {"peek", 0, {peek_then_receive, send_1}, one_arrived},
    {"peek, one place", 1, {peek_then_receive, send_1}, one_arrived},
    {"without a thread", 0, {wait_without_thread, send_1_or_not}, all_arrived},
    {"processes that go on", 0, {first_asks, second_answers}, no_deadlock},
    {"processes in deadlock", 0, {waits_on_a, waits_on_b}, deadlock},
};

static void set_up(size_t capacity) {
  a = rf_channel_new(capacity, "a");
  b = rf_channel_new(capacity, "b");
  if (a > b) { // locks are taken by address: every run in the same order
    rf_channel *greater = a;
    a = b;
    b = greater;
  }
  cancel = rf_cancel_new();
  network = rf_network_new();
  rf_channel_inside(a);
  rf_channel_inside(b);
  rf_network_expect(network);
  rf_network_expect(network);
  got_count = sent_count = 0;
  memset(outcome, 0, sizeof outcome);
}

static void tear_down(void (*check)(void)) {
  while (a->length)
    take(pop(a));
  check();
  CHECK(!a->senders.first && !a->receivers.first && !a->peekers.first && !b->senders.first && !b->receivers.first);
  CHECK(held_count == 0);
  rf_release(a);
  rf_release(b);
  rf_release(network);
  rf_cancel_free(cancel);
  CHECK(rf_live_channels == 0 && rf_live_messages == 0);
}

int main(int argc, char **argv) {
  if (argc > 1)
    preemption_limit = atoi(argv[1]);
  for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
    unsigned long orders = 0;
    scenario_name = scenarios[i].name;
    known = 0;
    for (task_count = 0; task_count < TASKS && scenarios[i].tasks[task_count]; task_count++)
      tasks[task_count].run = scenarios[i].tasks[task_count];
    do {
      depth = 0;
      set_up(scenarios[i].capacity);
      run_once();
      tear_down(scenarios[i].check);
      orders++;
    } while (next_path());
    printf("%9lu orders: %s\n", orders, scenario_name);
    fflush(stdout);
  }
  return 0;
}
