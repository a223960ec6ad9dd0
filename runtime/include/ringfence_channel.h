/* Channels between threads, whatever interpreter or language runs in them. Nothing here needs Python: no object, no
 * thread state, no GIL. GCC or Clang, C11, POSIX threads; waits are futexes on Linux, conditions elsewhere.
 *
 * Terms. A *message* is bytes and references to shared things; a channel owns what it holds, in memory from malloc or
 * mmap, so that a message outlives its sender and the sender's interpreter. A channel of capacity 0 is a *rendezvous*:
 * a send ends when a receiver has the message. *Closed*: nothing more is sent, what is held is still received.
 * *Poisoned*: what is held is dropped, and both sides learn of it. A *wait* is one blocking call; nothing polls.
 *
 * Any function may be called from any thread. Channels, blocks and networks are counted: each reference is given back
 * once. A process that forks gets its channels with what they hold and nobody waiting. */
#ifndef RINGFENCE_CHANNEL_H
#define RINGFENCE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef RF_API
#define RF_API __attribute__((visibility("hidden")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rf_status {
  RF_OK,
  RF_WOULD_BLOCK, /* not now, and RF_NOW was asked for */
  RF_TIMED_OUT,   /* the deadline passed */
  RF_CLOSED,      /* nothing more comes, or may be sent */
  RF_POISONED,    /* the channel was poisoned */
  RF_CANCELLED,   /* the wait's rf_cancel was fired */
  RF_SIGNALLED,   /* a signal handler may have run in this thread, and RF_UNTIL_SIGNAL was asked for */
  RF_DEADLOCK,    /* every process of the network waits: see ringfence_network.h */
  RF_NO_MEMORY,   /* nothing was done */
  RF_STATUS_COUNT
} rf_status;
RF_API const char *rf_status_name(rf_status status); /* "closed", ...; static */

/* A deadline: nanoseconds of CLOCK_MONOTONIC, or one of these. */
#define RF_NOW ((int64_t)0)
#define RF_FOREVER INT64_MAX
RF_API int64_t rf_after(int64_t nanoseconds); /* the deadline that lies so far ahead; RF_NOW for 0 or less */

/* ---- Shared things --------------------------------------------------------------------------------------------- */

typedef enum rf_kind { RF_KIND_BLOCK, RF_KIND_CHANNEL, RF_KIND_NETWORK } rf_kind;

/* What a message can refer to; the first member of rf_block and of rf_channel. */
typedef struct rf_shared {
  size_t references;
  rf_kind kind;
  void (*destroy)(struct rf_shared *self);
} rf_shared;
RF_API void rf_retain(void *shared);
RF_API void rf_release(void *shared); /* NULL is allowed */

/* Memory that is of no interpreter's allocator. */
typedef struct rf_block {
  rf_shared shared;
  char *data;
  size_t size;
  int read_only; /* set before it is shared, never unset */
  int mapped;
} rf_block;
RF_API rf_block *rf_block_new(size_t size); /* zeroed, data aligned to 64 bytes; one reference; NULL without memory */

/* ---- Messages -------------------------------------------------------------------------------------------------- */

typedef struct rf_message {
  size_t size;            /* of `data`, in bytes */
  size_t room;            /* allocated */
  size_t reference_count; /* in `references` */
  rf_shared **references; /* owned by the message */
  char data[];
} rf_message;
RF_API rf_message *rf_message_new(size_t room);                    /* empty; NULL without memory */
RF_API int rf_message_append(rf_message **, const void *, size_t); /* 0, or -1 without memory */
/* Takes over the caller's reference, also on failure. Its index, or -1 without memory. */
RF_API long rf_message_refer(rf_message *message, void *shared);
RF_API void rf_message_free(rf_message *message); /* NULL is allowed */

/* Between C and Python: a message that Python receives as a bytes object, and the bytes of one that Python sent. 0, or
 * -1 where the message is something else. What `data` points to lives as long as the message. */
RF_API rf_message *rf_message_of_bytes(const void *data, size_t size);
RF_API int rf_message_bytes(const rf_message *message, const char **data, size_t *size);

/* ---- Channels -------------------------------------------------------------------------------------------------- */

typedef struct rf_channel rf_channel;
typedef struct rf_cancel rf_cancel;

#define RF_UNBOUNDED SIZE_MAX

/* `name` is copied and may be NULL. One reference; NULL without memory. */
RF_API rf_channel *rf_channel_new(size_t capacity, const char *name);

/* Sends `*message`, and takes it where that succeeds: `*message` is then NULL, else still the caller's. */
RF_API rf_status rf_channel_send(rf_channel *channel, rf_message **message, int64_t until, rf_cancel *cancel);

/* The caller owns what it receives. */
RF_API rf_status rf_channel_receive(rf_channel *channel, rf_message **message, int64_t until, rf_cancel *cancel);

/* Both are allowed more than once; a closed channel can be poisoned. */
RF_API void rf_channel_close(rf_channel *channel);
RF_API void rf_channel_poison(rf_channel *channel);

RF_API size_t rf_channel_length(rf_channel *channel); /* messages held */
RF_API size_t rf_channel_capacity(const rf_channel *channel);
RF_API const char *rf_channel_name(const rf_channel *channel); /* "" where it has none */
RF_API uint64_t rf_channel_id(const rf_channel *channel);      /* never given twice in a process */
RF_API rf_status rf_channel_state(rf_channel *channel);        /* RF_OK, RF_CLOSED or RF_POISONED */

/* ---- Waiting for one of several -------------------------------------------------------------------------------- */

typedef enum rf_direction {
  RF_RECEIVE,
  RF_SEND,
  RF_PEEK /* ready when something could be received; takes nothing */
} rf_direction;

typedef struct rf_case {
  rf_channel *channel; /* NULL: never ready */
  rf_direction direction;
  rf_message *message; /* to send, and NULL once sent; or what was received */
} rf_case;

enum {
  /* Of several ready cases the first, instead of any with equal chance. */
  RF_PRIORITY = 1,
  /* RF_SIGNALLED when a signal handler ran, and each half second, as one may have run just before the sleep; the same
   * deadline serves to go on. */
  RF_UNTIL_SIGNAL = 2
};

/* Does exactly one of the cases, and says which in `*chosen`. RF_OK, RF_CLOSED and RF_POISONED are of that case; with any
 * other status none was done, and `*chosen` is `count`. A channel may stand in several cases. */
RF_API rf_status rf_select(rf_case *cases, size_t count, size_t *chosen, int flags, int64_t until, rf_cancel *cancel);

/* The same without a thread that waits, for event loops: `fd`, an eventfd, is written to when one of the cases was done.
 * The cases must stay where they are until rf_wait_end, which is called once: it ends the wait if need be, and says as
 * rf_select what was done (RF_CANCELLED: nothing). NULL without memory. */
typedef struct rf_async rf_async;
RF_API rf_async *rf_wait_begin(rf_case *cases, size_t count, int flags, int fd);
RF_API int rf_wait_is_over(const rf_async *wait);
RF_API rf_status rf_wait_end(rf_async *wait, size_t *chosen);

/* Ends waits from outside: all that have begun with it and all that will. */
RF_API rf_cancel *rf_cancel_new(void); /* one reference; NULL without memory */
RF_API rf_cancel *
rf_cancel_share(rf_cancel *cancel); /* one more, for a thread that waits while others may give theirs up */
RF_API void rf_cancel_fire(rf_cancel *cancel);
RF_API int rf_cancel_fired(const rf_cancel *cancel);
RF_API void rf_cancel_reset(rf_cancel *cancel); /* waits may use it again */
RF_API void rf_cancel_free(rf_cancel *cancel);  /* when no wait uses it; NULL is allowed */

/* What a wait does before it sleeps, for waits of other kinds: looks for some microseconds whether `word` has become `wanted`,
 * and lets others run on this processor meanwhile, each as far as that was of use lately. True where it has. `luck` is the
 * caller's memory of that, one for each thread and kind of wait, zero at first. */
typedef struct rf_luck {
  int yielding, spinning;
} rf_luck;
RF_API bool rf_look_briefly(const uint32_t *word, uint32_t wanted, rf_luck *luck);

/* For tests and diagnosis. */
typedef struct rf_channel_counts {
  size_t channels, messages, blocks;
} rf_channel_counts;
RF_API rf_channel_counts rf_channel_count(void);

#ifdef __cplusplus
}
#endif
#endif
