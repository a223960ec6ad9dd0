// No memory, at each place where the channels ask for some: RF_NO_MEMORY or NULL, nothing lost, nothing leaked, and it goes on.
#include "check.h"

#include <stdbool.h>
#include <string.h>

static long remaining; // allocations that succeed before one fails; below 0: all do
static bool failed;

static bool fails(void) {
  if (remaining-- != 0)
    return false;
  failed = true;
  return true;
}
static void *test_malloc(size_t size) { return fails() ? NULL : malloc(size); }
static void *test_realloc(void *memory, size_t size) { return fails() ? NULL : realloc(memory, size); }
#define RF_MALLOC test_malloc
#define RF_REALLOC test_realloc
#include "../../runtime/src/channel.c"
#include "../../runtime/src/channel_locks.c"
#include "../../runtime/src/channel_message.c"
#include "../../runtime/src/channel_network.c"
#include "../../runtime/src/channel_select.c"
#include "../../runtime/src/channel_wait.c"

// Sends through a channel that has to grow; the messages that were taken come out again in order.
static void send_and_receive(void) {
  rf_channel *channel = rf_channel_new(RF_UNBOUNDED, "c");
  rf_cancel *cancel = rf_cancel_new();
  int sent[20], sent_count = 0;
  for (int i = 0; channel && i < 20; i++) {
    rf_message *message = rf_message_of_bytes(&i, sizeof i);
    rf_block *block = message ? rf_block_new(100) : NULL;
    if (block)
      rf_message_refer(message, block);
    rf_status status = message ? rf_channel_send(channel, &message, RF_NOW, cancel) : RF_NO_MEMORY;
    REQUIRE(status == RF_OK || status == RF_NO_MEMORY);
    REQUIRE((message == NULL) == (status == RF_OK) || !message);
    if (status == RF_OK)
      sent[sent_count++] = i;
    rf_message_free(message);
  }
  REQUIRE(!channel || failed || sent_count == 20);
  for (int i = 0; i < sent_count; i++) {
    rf_message *message;
    const char *data;
    size_t size;
    REQUIRE(rf_channel_receive(channel, &message, RF_NOW, NULL) == RF_OK);
    REQUIRE(rf_message_bytes(message, &data, &size) == 0 && !memcmp(data, &sent[i], sizeof sent[i]));
    rf_message_free(message);
  }
  rf_cancel_free(cancel);
  rf_release(channel);
}

static void select_many(void) {
  rf_channel *channels[12];
  rf_case cases[12];
  for (int i = 0; i < 12; i++) {
    channels[i] = rf_channel_new(0, NULL);
    cases[i] = (rf_case){channels[i], RF_RECEIVE, NULL};
  }
  size_t chosen;
  rf_status status = rf_select(cases, 12, &chosen, 0, rf_after(1000), NULL);
  REQUIRE((status == RF_TIMED_OUT || status == RF_NO_MEMORY) && chosen == 12);
  rf_async *wait = rf_wait_begin(cases, 12, 0, -1);
  if (wait)
    REQUIRE(rf_wait_end(wait, &chosen) == RF_CANCELLED);
  REQUIRE(wait || failed);
  for (int i = 0; i < 12; i++)
    rf_release(channels[i]);
}

static void networks(void) {
  rf_network *network = rf_network_new();
  if (network) {
    rf_network_expect(network);
    if (rf_process_begin(network, "p") == 0)
      rf_process_end();
    else
      rf_network_forget(network);
    rf_release(network);
  }
}

int main(void) {
  void (*const programs[])(void) = {send_and_receive, select_many, networks};
  for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
    long tries = 0;
    do {
      remaining = tries++;
      failed = false;
      programs[i]();
      rf_channel_counts live = rf_channel_count();
      REQUIRE(live.channels == 0 && live.messages == 0 && live.blocks == 0);
    } while (failed);
    printf("%ld places\n", tries - 1);
  }
  return 0;
}
