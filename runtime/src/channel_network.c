/* Processes, and the deadlocks of their networks: see ringfence_network.h.
 *
 * Each process counts 1 from its expect to its end, and 1 in `blocked` while it waits where only processes can help. The
 * one who ends a wait takes it out of `blocked`, before the waiter even knows; a wait may so be ended before it was
 * counted, and a process has -1 for a moment. Hence `blocked` equals `processes` only where nobody can go on. */
#include "channel_core.h"

#include <stdio.h>
#include <string.h>

struct rf_process {
  rf_network *network;
  int blocked; /* -1, 0 or 1 */
  rf_wait *wait;
  rf_process *next;
  char name[];
};

struct rf_network {
  rf_shared shared;
  rf_lock lock;
  long processes, blocked;
  rf_process *begun;
  bool dead;
  char *report;
};

static __thread rf_process *current;

rf_process *rf_current_process(void) { return current; }
rf_network *rf_process_network(void) { return current ? current->network : NULL; }

static void destroy_network(rf_shared *shared) {
  rf_network *network = (rf_network *)shared;
  rf_lock_end(&network->lock);
  free(network->report);
  free(network);
}

rf_network *rf_network_new(void) {
  rf_network *network = RF_MALLOC(sizeof *network);
  if (network) {
    memset(network, 0, sizeof *network);
    network->shared = (rf_shared){1, RF_KIND_NETWORK, destroy_network};
    rf_lock_init(&network->lock, LOCK_NETWORK);
  }
  return network;
}

/* ---- Deadlock, with the lock held ------------------------------------------------------------------------------ */

static void describe_case(FILE *out, const rf_case *entry) {
  if (!entry->channel)
    return;
  fputs(entry->direction == RF_SEND ? " to send to " : " to receive from ", out);
  if (entry->channel->name[0])
    fputs(entry->channel->name, out);
  else
    fprintf(out, "channel %llu", (unsigned long long)entry->channel->id);
}

static char *describe(const rf_network *network) {
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  if (!out)
    return NULL;
  for (const rf_process *process = network->begun; process; process = process->next) {
    fprintf(out, "%s waits", process->name);
    for (size_t i = 0; i < process->wait->count; i++) {
      fputs(i ? " or" : "", out);
      describe_case(out, &process->wait->cases[i]);
    }
    fputc('\n', out);
  }
  fclose(out);
  return text;
}

static void end_wait(rf_process *process) {
  rf_wait *wait = process->wait;
  if (!rf_wait_claim(wait))
    return;
  wait->process = NULL; /* it is counted here */
  process->blocked--;
  process->network->blocked--;
  rf_wait_finish(wait, RF_DEADLOCK, wait->count);
}

static void look_for_deadlock(rf_network *network) {
  if (network->dead || network->processes == 0 || network->blocked != network->processes)
    return;
  network->dead = true;
  network->report = describe(network);
  for (rf_process *process = network->begun; process; process = process->next)
    end_wait(process);
}

void rf_process_blocks(rf_wait *wait) {
  rf_process *process = wait->process;
  rf_network *network = process->network;
  rf_lock_take(&network->lock);
  process->wait = wait;
  process->blocked++;
  network->blocked++;
  if (network->dead && process->blocked == 1)
    end_wait(process);
  look_for_deadlock(network);
  rf_lock_give(&network->lock);
}

void rf_process_goes_on(rf_process *process) {
  rf_network *network = process->network;
  rf_lock_take(&network->lock);
  process->blocked--;
  network->blocked--;
  rf_lock_give(&network->lock);
}

/* ---- Life of a process ----------------------------------------------------------------------------------------- */

static void add(rf_network *network, long processes) {
  rf_lock_take(&network->lock);
  network->processes += processes;
  look_for_deadlock(network);
  rf_lock_give(&network->lock);
}

void rf_network_expect(rf_network *network) { add(network, 1); }
void rf_network_forget(rf_network *network) { add(network, -1); }

int rf_process_begin(rf_network *network, const char *name) {
  size_t length = strlen(name);
  rf_process *process = current ? NULL : RF_MALLOC(sizeof *process + length + 1);
  if (!process)
    return -1;
  *process = (rf_process){.network = network};
  memcpy(process->name, name, length + 1);
  rf_retain(network);
  rf_lock_take(&network->lock);
  process->next = network->begun;
  network->begun = process;
  rf_lock_give(&network->lock);
  current = process;
  return 0;
}

void rf_process_end(void) {
  rf_process *process = current;
  if (!process)
    return;
  rf_network *network = process->network;
  current = NULL;
  rf_lock_take(&network->lock);
  rf_process **place = &network->begun;
  while (*place && *place != process)
    place = &(*place)->next;
  if (*place)
    *place = process->next;
  network->processes--;
  look_for_deadlock(network);
  rf_lock_give(&network->lock);
  free(process);
  rf_release(network);
}

char *rf_network_report(rf_network *network) {
  rf_lock_take(&network->lock);
  char *copy = network->report ? strdup(network->report) : NULL;
  rf_lock_give(&network->lock);
  return copy;
}

/* Only the thread that forked is left of the processes. */
void rf_network_after_fork(rf_lock *lock) {
  rf_network *network = (rf_network *)(void *)((char *)lock - offsetof(rf_network, lock));
  network->begun = current && current->network == network ? current : NULL;
  network->processes = network->begun ? 1 : 0;
  network->blocked = 0;
  if (network->begun)
    network->begun->next = NULL;
}
