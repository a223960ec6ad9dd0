/* Watches the global objects that a manifest lists: a snapshot of their bytes, compared at every step, tells which of
 * them changed and which hold objects that belong to another interpreter. For development and tests; the cost of a step
 * is a memcmp of what is listed. Linux and other ELF systems.
 *
 * There is one watch in a process. All functions need a thread state; they serve any interpreter. */
#ifndef RINGFENCE_WATCH_H
#define RINGFENCE_WATCH_H

#include "ringfence.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  RF_WATCH_OFF,    /* steps do nothing */
  RF_WATCH_REPORT, /* violations are kept for rf_watch_take */
  RF_WATCH_RAISE,  /* and a step that found some raises RuntimeError */
  RF_WATCH_ABORT   /* and a step that found some writes them to standard error and aborts */
} rf_watch_mode;

typedef enum {
  RF_CHANGED,        /* its bytes are not those of the step before */
  RF_TYPE_MUTATED,   /* so, and it is a static type; the fields that Python keeps for itself do not count */
  RF_SHARED_OBJECT,  /* it holds an object that another interpreter put there */
  RF_FOREIGN_OBJECT, /* an object that one interpreter had stored elsewhere was put here by another */
  RF_DEAD_OBJECT     /* it holds an object of an interpreter that has ended */
} rf_violation_kind;

/* One object of a shared object, as the manifest gives it. */
typedef struct rf_watched {
  const char *id, *symbol, *kind, *verdict, *source, *advice;
  uintptr_t address;          /* relative to where the file is loaded: the symbol's value */
  size_t size;                /* in bytes */
  const size_t *object_words; /* offsets of the words that hold a PyObject * */
  size_t object_word_count;
} rf_watched;

typedef struct rf_violation {
  rf_violation_kind kind;
  const rf_watched *object; /* lives as long as the process */
  const char *step;         /* as passed to rf_watch_step, or "interpreter-end"; lives as long as the process */
  int64_t interpreter;      /* whose step found it */
  int64_t owner;            /* who put the object there; -1 where that is not known */
  size_t offset;            /* of the first byte that differs, or of the word */
} rf_violation;

/* Loads `file` without initialising it as a module, and watches `objects` in it. `build_id` in hexadecimal, NULL where
 * the manifest has none: a file with another one is an error. 0, or -1 with an exception. */
RF_API int rf_watch_open(const char *file, const char *build_id, const rf_watched *objects, size_t count);

/* Opens each file of a manifest (written by `ringfence manifest`) that belongs to `file`: by build id, or by name where
 * the manifest has no build id. The number of objects now watched, or -1 with an exception. */
RF_API long rf_watch_manifest(const char *manifest, const char *file);

RF_API void rf_watch_set_mode(rf_watch_mode mode);

/* Compares, for the interpreter of the calling thread. The number of violations not seen before, or -1 with an
 * exception. Each object is reported once for each kind. */
RF_API long rf_watch_step(const char *step);

/* Moves up to `room` violations out, oldest first, and returns how many. */
RF_API size_t rf_watch_take(rf_violation *out, size_t room);

/* "changed", "type-mutated", "shared-object", "foreign-object", "dead-object" */
RF_API const char *rf_violation_name(rf_violation_kind kind);

#ifdef __cplusplus
}
#endif
#endif
