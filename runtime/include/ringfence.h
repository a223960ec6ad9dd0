/* Per-interpreter state and a load guard for C extensions. This header and ringfence.c are all that an extension needs:
 * link ringfence-runtime, or copy the two files into the extension and compile ringfence.c with it.
 *
 * Python 3.9 to 3.14, with one GIL, a GIL per interpreter, or none; POSIX threads; GCC or Clang; C11 or C++17.
 *
 * Terms. A *slot* is what RF_STATE defines: one piece of state, described once per process. A *block* is the memory of
 * one slot in one interpreter. An interpreter *ends* when its dictionary (PyInterpreterState_GetDict) is cleared. */
#ifndef RINGFENCE_H
#define RINGFENCE_H

#include <Python.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(__GNUC__)
#error "ringfence.h needs GCC or Clang: it uses their atomic built-ins and visibility attributes"
#endif

#define RF_VERSION_MAJOR 0
#define RF_VERSION_MINOR 1

/* Two extensions that vendor the library must not share its variables, so nothing is exported unless a shared
 * library is being made of it. */
#ifndef RF_API
#define RF_API __attribute__((visibility("hidden")))
#endif
#define RF_LOCAL __attribute__((visibility("hidden")))
#define RF_LIKELY(x) __builtin_expect(!!(x), 1)

#ifdef __cplusplus
extern "C" {
#endif

/* ---- State ---------------------------------------------------------------------------------------------------- */

/* The block of one live interpreter, found without a lock. `interp` is set after `block`, by a thread of that
 * interpreter, and unset when the interpreter ends, before another can have its address: a thread that reads its own
 * interpreter here may use the block. */
typedef struct rf_place {
  PyInterpreterState *interp; /* NULL: free */
  void *block;
} rf_place;

/* Interpreters that a slot serves without a lock; those beyond are served more slowly. */
enum { RF_PLACE_BITS = 5, RF_PLACES = 1 << RF_PLACE_BITS };

/* One piece of per-interpreter state. Filled by RF_STATE; all from `only` on belongs to the library. */
typedef struct rf_slot {
  const char *name;
  size_t size;                                        /* of a block, in bytes */
  int (*init)(void *block);                           /* on a zeroed block; -1 with an exception on failure */
  void (*clear)(void *block);                         /* drop references; also called after a failed init */
  int (*traverse)(void *block, visitproc, void *arg); /* NULL: the garbage collector does not look inside */
  void *only; /* the main interpreter's block while no other has entered, else NULL */
  int many;   /* an interpreter besides the main one has a block */
  int index;  /* in each interpreter's table, from 1; 0 before the first use */
  struct rf_slot *next;
  rf_place places[RF_PLACES]; /* hashed by the interpreter's address */
} rf_slot;

/* RF_STATE(name, type, init, clear) replaces a static variable by one block of `type` per interpreter:
 *
 *   struct my_state { PyObject *cache; };
 *   static int my_init(struct my_state *s) { s->cache = PyDict_New(); return s->cache ? 0 : -1; }
 *   static void my_clear(struct my_state *s) { Py_CLEAR(s->cache); }
 *   RF_STATE(mymod, struct my_state, my_init, my_clear)
 *   ... RF_GET(mymod)->cache ...
 *
 * A block is zeroed and then initialised at its first use in an interpreter; while one thread is inside `init`, others
 * of that interpreter wait, and the thread itself sees the unfinished block. `clear` runs when the interpreter ends;
 * objects that die later still get the block, cleared. Either function may be NULL.
 * With RF_STATE_GC the garbage collector visits the block through `traverse` (an int(type *, visitproc, void *)).
 * Where several files use the state, RF_STATE_DECLARE goes into their header and RF_STATE into one of them. */
#define RF_STATE(name, type, init_, clear_) RF_STATE_GC(name, type, init_, clear_, NULL)

#define RF_STATE_GC(name, type, init_, clear_, traverse_)                                                              \
  RF_STATE_DECLARE(name, type)                                                                                         \
  static int rf_##name##_init(void *block) {                                                                           \
    int (*f)(rf_##name##_type *) = init_;                                                                              \
    return f ? f((rf_##name##_type *)block) : 0;                                                                       \
  }                                                                                                                    \
  static void rf_##name##_clear(void *block) {                                                                         \
    void (*f)(rf_##name##_type *) = clear_;                                                                            \
    if (f)                                                                                                             \
      f((rf_##name##_type *)block);                                                                                    \
  }                                                                                                                    \
  static int rf_##name##_traverse(void *block, visitproc visit, void *arg) {                                           \
    int (*f)(rf_##name##_type *, visitproc, void *) = traverse_;                                                       \
    return f ? f((rf_##name##_type *)block, visit, arg) : 0;                                                           \
  }                                                                                                                    \
  rf_slot rf_##name##_slot = {#name, sizeof(type), rf_##name##_init, rf_##name##_clear, rf_##name##_traverse, NULL, 0, \
                              0,     NULL,         {{NULL, NULL}}};

#define RF_STATE_DECLARE(name, type)                                                                                   \
  typedef type rf_##name##_type;                                                                                       \
  RF_LOCAL extern rf_slot rf_##name##_slot;                                                                            \
  static inline rf_##name##_type *rf_##name##_get(void) {                                                              \
    void *only = __atomic_load_n(&rf_##name##_slot.only, __ATOMIC_ACQUIRE);                                            \
    return (rf_##name##_type *)(RF_LIKELY(only != NULL) ? only : rf_state_get(&rf_##name##_slot));                     \
  }

/* The current interpreter's block. NULL with an exception where `init` failed; NULL without one where the calling
 * thread holds no thread state. Never NULL in an interpreter where RF_ENTER succeeded. */
#define RF_GET(name) rf_##name##_get()

/* First thing in an exec slot: makes the block and promises that no code using this state runs in an interpreter
 * before RF_ENTER was called there. While only the main interpreter has entered, RF_GET then costs one branch.
 * 0, or -1 with an exception. */
#define RF_ENTER(name) rf_state_enter(&rf_##name##_slot)

/* Clears the current interpreter's block now; the next RF_GET initialises it anew. */
#define RF_CLEAR(name) rf_state_clear(&rf_##name##_slot)

RF_API void *rf_state_lookup(rf_slot *slot);
RF_API int rf_state_enter(rf_slot *slot);
RF_API void rf_state_clear(rf_slot *slot);

/* Python keeps the running thread's state in a thread-local of libpython (from 3.12 on) or in _PyRuntime (before), and
 * reading it there costs a fraction of the call that returns it. RF_THREAD_BASE plus rf_thread_offset is its address;
 * the offset is 0 where the library has not proved it: before the first use, and for a libpython from dlopen, whose
 * thread-locals lie elsewhere in every thread. */
#ifndef __has_builtin
#define __has_builtin(name) 0
#endif
#if defined(Py_LIMITED_API)
#elif PY_VERSION_HEX < 0x030C0000
#define RF_THREAD_BASE 0
#elif __has_builtin(__builtin_thread_pointer)
#define RF_THREAD_BASE (uintptr_t) __builtin_thread_pointer()
#endif
RF_API extern uintptr_t rf_thread_offset;

/* The interpreter of the calling thread, NULL where it holds no thread state. */
static inline PyInterpreterState *rf_current_interpreter(void) {
#if defined(Py_LIMITED_API)
  return PyInterpreterState_Get(); /* fatal without a thread state: the limited API has no gentler way */
#else
  PyThreadState *thread;
#ifdef RF_THREAD_BASE
  uintptr_t offset = __atomic_load_n(&rf_thread_offset, __ATOMIC_RELAXED);
  if (RF_LIKELY(offset != 0))
    thread = *(PyThreadState *const *)(RF_THREAD_BASE + offset);
  else
#endif
#if PY_VERSION_HEX >= 0x030D0000
    thread = PyThreadState_GetUnchecked();
#else
  thread = _PyThreadState_UncheckedGet();
#endif
  return RF_LIKELY(thread != NULL) ? thread->interp : NULL;
#endif
}

/* Where the search for an interpreter's place begins. Addresses of interpreters differ in their middle bits. */
static inline size_t rf_first_place(PyInterpreterState *interp) {
  return (size_t)(((uint64_t)(uintptr_t)interp * UINT64_C(0x9E3779B97F4A7C15)) >> (64 - RF_PLACE_BITS));
}

static inline void *rf_state_get(rf_slot *slot) {
  PyInterpreterState *interp = rf_current_interpreter();
  rf_place *place = &slot->places[rf_first_place(interp)];
  if (RF_LIKELY(interp != NULL && __atomic_load_n(&place->interp, __ATOMIC_ACQUIRE) == interp))
    return place->block;
  return rf_state_lookup(slot);
}

/* For tests and diagnosis. A retired block is cleared but still allocated, for objects that die after it. */
typedef struct rf_counts {
  size_t interpreters, blocks, retired_blocks;
} rf_counts;
RF_API rf_counts rf_state_counts(void);

/* ---- Load guard ----------------------------------------------------------------------------------------------- */

typedef enum { RF_REFUSE_SECOND, RF_ALLOW_SECOND } rf_policy;

/* Static, one per extension: `static rf_guard guard = RF_GUARD_INIT(RF_REFUSE_SECOND);` */
typedef struct rf_guard {
  rf_policy policy;
  struct rf_interpreter *owner; /* the interpreter that holds the claim, NULL where nobody does */
  int loaded;                   /* an exec of the owner has succeeded */
  int pending;                  /* execs of the owner now running */
  struct rf_guard *next;
  int listed;
} rf_guard;
#define RF_GUARD_INIT(policy)                                                                                          \
  { policy, NULL, 0, 0, NULL, 0 }

/* The exec slot of a module that still keeps state in statics: runs `exec` unless another interpreter has loaded the
 * module or is loading it, which is an ImportError. The claim is undone where `exec` fails and ends with the
 * interpreter, so that a later one, or the main one after Py_Initialize, may load the module again.
 *
 *   static int my_exec(PyObject *m) { return rf_load_guard(&guard, m, my_real_exec); } */
RF_API int rf_load_guard(rf_guard *guard, PyObject *module, int (*exec)(PyObject *module));

#ifdef __cplusplus
}
#endif
#endif
