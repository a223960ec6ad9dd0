/* Per-interpreter state and a load guard for C extensions. This header and ringfence.c are all that an extension needs:
 * link ringfence-runtime, or copy the two files into the extension and compile ringfence.c with it.
 *
 * Python 3.9 to 3.14, with one GIL, a GIL per interpreter, or none; POSIX or Windows threads; GCC or Clang; C11 or
 * C++11 (ringfence.hpp: C++17).
 *
 * Terms. A *slot* is what RF_STATE defines: one piece of state, described once per process. A *block* is the memory of
 * one slot in one interpreter. An interpreter *ends* when its dictionary (PyInterpreterState_GetDict) is cleared.
 * Names that begin with RF__ are for the header's own use. */
#ifndef RINGFENCE_H
#define RINGFENCE_H

#include <Python.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(__GNUC__)
#error "ringfence.h needs GCC or Clang: it uses their atomic built-ins and attributes"
#endif

#define RF_VERSION_MAJOR 0
#define RF_VERSION_MINOR 1
#define RF_VERSION_PATCH 0
#define RF_VERSION (RF_VERSION_MAJOR * 10000 + RF_VERSION_MINOR * 100 + RF_VERSION_PATCH)

/* Two extensions that vendor the library must not share its variables, so nothing is exported unless a shared
 * library is being made of it. What is RF__MERGED may be defined by several files, and the linker keeps one. */
#ifdef _WIN32
#define RF__HIDDEN
#else
#define RF__HIDDEN __attribute__((visibility("hidden")))
#endif
#if defined(__cplusplus) && __cplusplus < 201703L
#define RF__MERGED(...)                                                                                                \
  _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wc++17-extensions\"")                              \
      __attribute__((used)) inline __VA_ARGS__;                                                                        \
  _Pragma("GCC diagnostic pop")
#elif defined(__cplusplus)
#define RF__MERGED(...) __attribute__((used)) inline __VA_ARGS__;
#elif defined(_WIN32)
#define RF__MERGED(...) __attribute__((selectany)) __VA_ARGS__;
#else
#define RF__MERGED(...) __attribute__((weak)) __VA_ARGS__;
#endif
#ifndef RF_API
#define RF_API RF__HIDDEN
#endif
/* Symbols carry the version: copies of one version in one program are merged, those of others never, whose structures
 * may lie otherwise. */
#define RF__TEXT_OF(x) #x
#define RF__TEXT(x) RF__TEXT_OF(x)
#define RF__SYMBOL(name)                                                                                               \
  __asm__(RF__TEXT(__USER_LABEL_PREFIX__) #name                                                                        \
          "_" RF__TEXT(RF_VERSION_MAJOR) "_" RF__TEXT(RF_VERSION_MINOR) "_" RF__TEXT(RF_VERSION_PATCH))
#define RF__LIKELY(x) __builtin_expect(!!(x), 1)
#ifdef __cplusplus
#define RF__ALIGNMENT(type) alignof(type)
#else
#define RF__ALIGNMENT(type) _Alignof(type)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- State ---------------------------------------------------------------------------------------------------- */

/* One piece of per-interpreter state. Filled by RF_STATE; all from `index` on belongs to the library. */
typedef struct rf_slot {
  const char *name;
  size_t size, alignment;                             /* of a block, in bytes */
  int (*init)(void *block);                           /* on a zeroed block; -1 with an exception on failure */
  void (*clear)(void *block);                         /* drop references; also called after a failed init */
  int (*traverse)(void *block, visitproc, void *arg); /* NULL: the garbage collector does not look inside */
  size_t index;                                       /* in rf_home::data; 0, where NULL lies, before the first use */
  struct rf_slot *next;
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
 * of that interpreter wait, and the thread itself sees the unfinished block. A wait ends after 3 s, for `init` may in
 * turn wait for the waiting thread (an import's lock): that thread then runs `init` too, and the block that is ready
 * first is kept, the other one cleared. `clear` runs when the interpreter ends; objects that die later get a zeroed
 * block. Either function may be NULL.
 * With RF_STATE_GC the garbage collector visits the block through `traverse` (an int(type *, visitproc, void *)).
 * Where several files use the state, RF_STATE may stand in their header, or RF_STATE_DECLARE there and RF_STATE in one
 * of them. */
#define RF_STATE(name, type, init_, clear_) RF_STATE_GC(name, type, init_, clear_, NULL)

#define RF_STATE_GC(name, type, init_, clear_, traverse_)                                                              \
  RF_STATE_DECLARE(name, type)                                                                                         \
  static int rf_init_##name(void *block) {                                                                             \
    int (*f)(rf_type_##name *) = init_;                                                                                \
    return f ? f((rf_type_##name *)block) : 0;                                                                         \
  }                                                                                                                    \
  static void rf_clear_##name(void *block) {                                                                           \
    void (*f)(rf_type_##name *) = clear_;                                                                              \
    if (f)                                                                                                             \
      f((rf_type_##name *)block);                                                                                      \
  }                                                                                                                    \
  static int rf_traverse_##name(void *block, visitproc visit, void *arg) {                                             \
    int (*f)(rf_type_##name *, visitproc, void *) = traverse_;                                                         \
    return f ? f((rf_type_##name *)block, visit, arg) : 0;                                                             \
  }                                                                                                                    \
  RF__MERGED(rf_slot rf_slot_##name = {#name, sizeof(rf_type_##name), RF__ALIGNMENT(rf_type_##name), rf_init_##name,   \
                                       rf_clear_##name, rf_traverse_##name, 0, NULL})

#define RF_STATE_DECLARE(name, type)                                                                                   \
  typedef type rf_type_##name;                                                                                         \
  RF__HIDDEN extern rf_slot rf_slot_##name;

/* The current interpreter's block. An exception that is set stays set. NULL with an exception where `init` failed; NULL
 * without a new one where the calling thread holds no thread state. Never NULL in an interpreter where RF_ENTER
 * succeeded, before RF_CLEAR. With RF_DEBUG defined, a use before RF_ENTER or without a thread state is named on
 * standard error. */
#ifdef RF_DEBUG
#define RF_GET(name) ((rf_type_##name *)rf_state_checked(&rf_slot_##name, __FILE__, __LINE__))
#else
#define RF_GET(name) ((rf_type_##name *)rf_state_get(&rf_slot_##name))
#endif

/* First thing in an exec slot: makes the block, so that an `init` that fails fails the import and no later use.
 * 0, or -1 with an exception. */
#define RF_ENTER(name) rf_state_enter(&rf_slot_##name)

/* Clears the current interpreter's block now; the next RF_GET, also one in a finaliser that this runs, has a new one.
 */
#define RF_CLEAR(name) rf_state_clear(&rf_slot_##name)

RF_API void *rf_state_lookup(rf_slot *slot) RF__SYMBOL(rf_state_lookup);
RF_API void *rf_state_checked(rf_slot *slot, const char *file, int line) RF__SYMBOL(rf_state_checked);
RF_API int rf_state_enter(rf_slot *slot) RF__SYMBOL(rf_state_enter);
RF_API void rf_state_clear(rf_slot *slot) RF__SYMBOL(rf_state_clear);

/* Python keeps the running thread's state in a thread-local of libpython (from 3.12 on) or in _PyRuntime (before), and
 * reading it there costs a fraction of the call that returns it. RF__THREAD_BASE plus rf_thread_offset is its address;
 * the offset is 0 where the library has not proved it: before the first use, and for a libpython from dlopen, whose
 * thread-locals lie elsewhere in every thread. */
#if !defined(Py_LIMITED_API) && defined(__ELF__) && defined(__has_builtin)
#if __has_builtin(__builtin_thread_pointer)
#define RF__THREAD_POINTER (uintptr_t) __builtin_thread_pointer()
#define RF__THREAD_BASE (PY_VERSION_HEX < 0x030C0000 ? 0 : RF__THREAD_POINTER)
#endif
#endif
RF_API extern uintptr_t rf_thread_offset RF__SYMBOL(rf_thread_offset);
RF_API PyInterpreterState *rf_own_interpreter(PyThreadState *thread) RF__SYMBOL(rf_own_interpreter);

/* The interpreter of the calling thread, NULL where it holds no thread state. Before 3.12 Python has one current thread
 * state, that of the thread which holds the GIL: it is taken for the caller's where the caller made it, runs Python code
 * with it, or has swapped for it the one with which it took the GIL (README.md names what cannot be told). */
static inline PyInterpreterState *rf_current_interpreter(void) {
#if defined(Py_LIMITED_API)
  return PyInterpreterState_Get(); /* fatal without a thread state: the limited API has no gentler way */
#else
  PyThreadState *thread;
#ifdef RF__THREAD_BASE
  uintptr_t offset = __atomic_load_n(&rf_thread_offset, __ATOMIC_RELAXED);
  if (RF__LIKELY(offset != 0)) {
    thread = *(PyThreadState *const *)(RF__THREAD_BASE + offset);
#if PY_VERSION_HEX < 0x030C0000
    if (RF__LIKELY(thread != NULL && thread->thread_id == RF__THREAD_POINTER))
      return thread->interp;
    return rf_own_interpreter(thread);
#endif
  } else
#endif
#if PY_VERSION_HEX >= 0x030D0000
    thread = PyThreadState_GetUnchecked();
#else
  thread = _PyThreadState_UncheckedGet();
#endif
#if PY_VERSION_HEX < 0x030C0000
  return rf_own_interpreter(thread);
#else
  return RF__LIKELY(thread != NULL) ? thread->interp : NULL;
#endif
#endif
}

/* Where an interpreter's blocks lie. Is never freed, but may serve another interpreter when its own is gone, so that a
 * thread which finds its own interpreter in one may use the blocks. */
typedef struct rf_home {
  PyInterpreterState *interp;
  void **data; /* by rf_slot::index; NULL where no block is ready */
} rf_home;

/* The homes of the live interpreters, found without a lock, hashed by the address of the interpreter with a multiplier
 * that gives each a place of its own: it is chosen anew when an arrival would share one. That works for some 400
 * interpreters at once; beyond, those without a place are served more slowly. */
enum { RF__PLACE_BITS = 14 };
RF_API extern rf_home *rf_homes[1 << RF__PLACE_BITS] RF__SYMBOL(rf_homes);
RF_API extern uint64_t rf_multiplier RF__SYMBOL(rf_multiplier);

static inline size_t rf_place(PyInterpreterState *interp, uint64_t multiplier) {
  return (size_t)(((uint64_t)(uintptr_t)interp * multiplier) >> (64 - RF__PLACE_BITS));
}

static inline void *rf_state_get(rf_slot *slot) {
  PyInterpreterState *interp = rf_current_interpreter();
  size_t place = rf_place(interp, __atomic_load_n(&rf_multiplier, __ATOMIC_RELAXED));
  const rf_home *home = __atomic_load_n(&rf_homes[place], __ATOMIC_ACQUIRE);
  if (RF__LIKELY(home != NULL && __atomic_load_n(&home->interp, __ATOMIC_ACQUIRE) == interp)) {
    size_t index = __atomic_load_n(&slot->index, __ATOMIC_ACQUIRE); /* before `data`, which is long enough for it */
    void **data = __atomic_load_n(&home->data, __ATOMIC_ACQUIRE);
    void *block = __atomic_load_n(&data[index], __ATOMIC_ACQUIRE);
    if (RF__LIKELY(block != NULL))
      return block;
  }
  return rf_state_lookup(slot);
}

/* For tests and diagnosis. A retired block is cleared but still allocated, for objects that die after it. */
typedef struct rf_counts {
  size_t interpreters, blocks, retired_blocks;
} rf_counts;
RF_API rf_counts rf_state_counts(void) RF__SYMBOL(rf_state_counts);

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
RF_API int rf_load_guard(rf_guard *guard, PyObject *module, int (*exec)(PyObject *module)) RF__SYMBOL(rf_load_guard);

#ifdef __cplusplus
}
#endif
#endif
