/* Shared things, blocks and messages: see ringfence_channel.h. */
#include "channel_core.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

size_t rf_live_channels, rf_live_messages, rf_live_blocks;

static void add_to(size_t *what, size_t by) { __atomic_add_fetch(what, by, __ATOMIC_RELAXED); }

rf_channel_counts rf_channel_count(void) {
  return (rf_channel_counts){__atomic_load_n(&rf_live_channels, __ATOMIC_RELAXED),
                             __atomic_load_n(&rf_live_messages, __ATOMIC_RELAXED),
                             __atomic_load_n(&rf_live_blocks, __ATOMIC_RELAXED)};
}

void rf_retain(void *shared) { __atomic_add_fetch(&((rf_shared *)shared)->references, 1, __ATOMIC_RELAXED); }

void rf_release(void *shared) {
  rf_shared *self = shared;
  if (self && __atomic_sub_fetch(&self->references, 1, __ATOMIC_ACQ_REL) == 0)
    self->destroy(self);
}

/* ---- Blocks ---------------------------------------------------------------------------------------------------- */

static void destroy_block(rf_shared *self) {
  rf_block *block = (rf_block *)self;
  if (block->mapped)
    munmap(block->data, block->size);
  else
    free(block->data);
  free(block);
  add_to(&rf_live_blocks, (size_t)-1);
}

/* Large ones are pages of their own, which are zero without being touched and go back to the system at once. */
static int fill(rf_block *block) {
  enum { ALIGNMENT = 64, LARGE = 1 << 18 };
  if (block->size >= LARGE) {
    block->data = mmap(NULL, block->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    block->mapped = block->data != MAP_FAILED;
    return block->mapped ? 0 : -1;
  }
  void *memory;
  if (posix_memalign(&memory, ALIGNMENT, block->size ? block->size : 1) != 0)
    return -1;
  block->data = memset(memory, 0, block->size ? block->size : 1);
  return 0;
}

rf_block *rf_block_new(size_t size) {
  rf_block *block = RF_MALLOC(sizeof *block);
  if (!block)
    return NULL;
  *block = (rf_block){{1, RF_KIND_BLOCK, destroy_block}, NULL, size, 0, 0};
  if (fill(block) < 0) {
    free(block);
    return NULL;
  }
  add_to(&rf_live_blocks, 1);
  return block;
}

/* ---- Messages -------------------------------------------------------------------------------------------------- */

rf_message *rf_message_new(size_t room) {
  rf_message *message = room < SIZE_MAX - sizeof *message ? RF_MALLOC(sizeof *message + room) : NULL;
  if (message) {
    *message = (rf_message){0, room, 0, NULL};
    add_to(&rf_live_messages, 1);
  }
  return message;
}

int rf_message_append(rf_message **message, const void *data, size_t size) {
  rf_message *self = *message;
  if (size > self->room - self->size) {
    if (size > SIZE_MAX / 4 - self->size)
      return -1;
    size_t room = 2 * (self->size + size);
    self = RF_REALLOC(self, sizeof *self + room);
    if (!self)
      return -1;
    self->room = room;
    *message = self;
  }
  memcpy(self->data + self->size, data, size);
  self->size += size;
  return 0;
}

long rf_message_refer(rf_message *message, void *shared) {
  size_t used = message->reference_count;
  if ((used & (used - 1)) == 0) { /* a power of two, or 0: the list is full */
    rf_shared **longer = RF_REALLOC(message->references, (used ? 2 * used : 1) * sizeof *longer);
    if (!longer) {
      rf_release(shared);
      return -1;
    }
    message->references = longer;
  }
  message->references[used] = shared;
  message->reference_count = used + 1;
  return (long)used;
}

void rf_message_free(rf_message *message) {
  if (!message)
    return;
  for (size_t i = 0; i < message->reference_count; i++)
    rf_release(message->references[i]);
  free(message->references);
  free(message);
  add_to(&rf_live_messages, (size_t)-1);
}

/* As values_encode.c of the Python package writes a bytes object: the tag, its size, its bytes. */
enum { TAG_BYTES = 'b', BYTES_HEAD = 1 + sizeof(uint64_t) };

rf_message *rf_message_of_bytes(const void *data, size_t size) {
  rf_message *message = rf_message_new(BYTES_HEAD + size);
  uint64_t size64 = size;
  if (message) { /* it is long enough */
    rf_message_append(&message, &(char){TAG_BYTES}, 1);
    rf_message_append(&message, &size64, sizeof size64);
    rf_message_append(&message, data, size);
  }
  return message;
}

int rf_message_bytes(const rf_message *message, const char **data, size_t *size) {
  uint64_t stored;
  if (message->size < BYTES_HEAD || message->data[0] != TAG_BYTES)
    return -1;
  memcpy(&stored, message->data + 1, sizeof stored);
  if (stored != message->size - BYTES_HEAD)
    return -1;
  *data = message->data + BYTES_HEAD;
  *size = (size_t)stored;
  return 0;
}
