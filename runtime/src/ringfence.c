/* State and load guard: see ringfence.h.
 *
 * The end of an interpreter is seen by the death of an object in its dictionary, the one hook that runs on every
 * version, also for modules that leak. It clears the blocks and retires the record: objects may still die in that
 * interpreter afterwards and ask for their state, so the memory is freed when the interpreter is known to be gone.
 *
 * One lock guards every record and list below. No Python code runs under it, so that it nests in any GIL and a thread
 * that holds it never waits for one. Memory comes from malloc: a record outlives the interpreter and the allocators
 * that Py_Initialize may exchange. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "ringfence.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#endif
#ifdef __ELF__
#include <link.h>
#endif

/* Copies of this file in one program are one: the linker takes what is exported from the first. */
#ifdef _WIN32
#define RF__COPY
#else
#define RF__COPY __attribute__((weak))
#endif

enum block_status {
  BLOCK_SPARE, /* zeroed, for the next init; in a retired record what late objects get */
  BLOCK_INITIALISING,
  BLOCK_READY,
  BLOCK_CLEARING,
  BLOCK_LOST /* its init was under way in a thread that is gone, or may still write to it: never used or freed */
};

typedef struct rf_block {
  rf_slot *slot;
  enum block_status status;
  unsigned long initialiser; /* thread inside slot->init, while BLOCK_INITIALISING */
  void *memory;              /* from calloc; `data` is its first address with the slot's alignment */
  char *data;
  struct rf_block *next;
} rf_block;

/* What rf_home::data points to, with those that were too short: threads may still read them. */
typedef struct rf_table {
  struct rf_table *shorter;
  void *data[];
} rf_table;

typedef struct rf_interpreter {
  rf_home home; /* its `interp` is NOBODY where the interpreter is gone */
  int64_t id;   /* 0 is the main interpreter, after each Py_Initialize anew */
  bool linked;  /* in `interpreters` */
  bool retired;
  unsigned long retired_by; /* the thread that ended the interpreter */
  size_t words;             /* in `table` */
  rf_table *table;
  rf_block *blocks;
  struct rf_interpreter *next;
} rf_interpreter;

RF__COPY uintptr_t rf_thread_offset;
RF__COPY rf_home *rf_homes[1 << RF__PLACE_BITS];
RF__COPY uint64_t rf_multiplier = UINT64_C(0x9E3779B97F4A7C15);

static rf_interpreter *interpreters; /* live and retired */
static rf_interpreter *unused;       /* records whose interpreter is gone */
static rf_slot *slots;
static rf_guard *guards;
static size_t words_in_use = 2; /* a slot has two: its block, and whether RF_ENTER was called */
#define NOBODY ((PyInterpreterState *)(void *)&interpreters)

/* ---- The lock, and waiting for another thread's init ---------------------------------------------------------- */

static unsigned long inits_done; /* counts what waiters wait for */

#ifdef _WIN32
static SRWLOCK mutex = SRWLOCK_INIT;
static CONDITION_VARIABLE init_done = CONDITION_VARIABLE_INIT;
static void lock(void) { AcquireSRWLockExclusive(&mutex); }
static void unlock(void) { ReleaseSRWLockExclusive(&mutex); }
static void wake_waiters(void) { WakeAllConditionVariable(&init_done); }
static void wait_briefly(void) { SleepConditionVariableSRW(&init_done, &mutex, 50, 0); }
#else
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t init_done = PTHREAD_COND_INITIALIZER;
static void lock(void) { pthread_mutex_lock(&mutex); }
static void unlock(void) { pthread_mutex_unlock(&mutex); }
static void wake_waiters(void) { pthread_cond_broadcast(&init_done); }
static void wait_briefly(void) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 50000000;
  until.tv_sec += until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  pthread_cond_timedwait(&init_done, &mutex, &until);
}
#endif

/* 50 ms, or less where an init ends that had not before `seen` was read. */
static void wait_for_init(unsigned long seen) {
  PyThreadState *thread = PyEval_SaveThread();
  lock();
  if (inits_done == seen)
    wait_briefly();
  unlock();
  PyEval_RestoreThread(thread);
}

/* ---- Where the running thread's state lies -------------------------------------------------------------------- */

#if !defined(RF__THREAD_BASE)
static void find_thread_state(void) {}
#elif PY_VERSION_HEX < 0x030C0000
extern char _PyRuntime[] __attribute__((weak));
static PyThreadState *volatile *gil_taker; /* where Python keeps the thread state that last took the GIL; or NULL */

/* What the words of _PyRuntime hold. The one that follows PyThreadState_Swap, which before 3.12 keeps the GIL, is the
 * current thread state; one that stays is that with which the GIL was taken. They lie within 576 bytes from the start,
 * and the smallest _PyRuntime (3.9's) has 656. Of use where a thread's number is its thread pointer, by which a thread
 * tells that a thread state is its own. */
static void find_thread_state(void) {
  enum { WORDS = 80 };
  if (!_PyRuntime || PyThread_get_thread_ident() != RF__THREAD_POINTER)
    return;
  PyThreadState *volatile *words = (PyThreadState *volatile *)(void *)_PyRuntime;
  PyThreadState *thread = PyThreadState_Get(), *known = PyGILState_GetThisThreadState(), *before[WORDS];
  int followed = 0, stayed = 0, last = 0, taker = 0;
  for (int i = 0; i < WORDS; i++)
    before[i] = words[i];
  PyThreadState_Swap(NULL);
  for (int i = 0; i < WORDS; i++)
    if (before[i] == thread && !words[i]) {
      followed++;
      last = i;
    } else if (before[i] && (before[i] == thread || before[i] == known)) {
      stayed++;
      taker = i;
    }
  PyThreadState_Swap(thread);
  if (stayed == 1)
    __atomic_store_n(&gil_taker, &words[taker], __ATOMIC_RELAXED);
  if (followed == 1)
    __atomic_store_n(&rf_thread_offset, (uintptr_t)&words[last], __ATOMIC_RELAXED);
}
#else
/* The thread-locals of libpython in the calling thread. */
typedef struct {
  const char *begin; /* NULL where the thread has none yet */
  size_t size;
} thread_locals;

static int find_thread_locals(struct dl_phdr_info *info, size_t size, void *argument) {
  (void)size;
  bool is_python = false;
  thread_locals found = {NULL, 0};
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    uintptr_t into = (uintptr_t)PyThreadState_Get - (info->dlpi_addr + header->p_vaddr);
    if (header->p_type == PT_LOAD && into < header->p_memsz)
      is_python = true;
    if (header->p_type == PT_TLS && info->dlpi_tls_data)
      found = (thread_locals){info->dlpi_tls_data, header->p_memsz};
  }
  if (is_python)
    *(thread_locals *)argument = found;
  return is_python;
}

static void *offset_in_fresh_thread(void *result) {
  thread_locals fresh = {NULL, 0};
  dl_iterate_phdr(find_thread_locals, &fresh);
  *(uintptr_t *)result = fresh.begin ? (uintptr_t)fresh.begin - RF__THREAD_BASE : 0;
  return NULL;
}

/* The one word of libpython's thread-locals that holds the thread state, provided that they lie at the same distance
 * from the thread pointer everywhere: a fresh thread has them there before it has used them. */
static void find_thread_state(void) {
  thread_locals here = {NULL, 0};
  uintptr_t offset = 0;
  pthread_t fresh;
  dl_iterate_phdr(find_thread_locals, &here);
  if (!here.begin || pthread_create(&fresh, NULL, offset_in_fresh_thread, &offset) != 0)
    return;
  pthread_join(fresh, NULL);
  if (!offset || offset != (uintptr_t)here.begin - RF__THREAD_BASE)
    return;
  int found = 0;
  size_t last = 0;
  for (size_t at = 0; at + sizeof(void *) <= here.size; at += sizeof(void *))
    if (*(PyThreadState *const *)(const void *)(here.begin + at) == PyThreadState_Get()) {
      found++;
      last = at;
    }
  if (found == 1)
    __atomic_store_n(&rf_thread_offset, offset + last, __ATOMIC_RELAXED);
}
#endif

#if PY_VERSION_HEX < 0x030C0000 && !defined(Py_LIMITED_API)
/* ---- Before 3.12: whose is the current thread state? -------------------------------------------------------------
 *
 * There is one for all threads, and nothing says which thread it serves: `thread_id` names the one that made it. That
 * another one, which calls now, holds the GIL with it, or does not, is told from what only such a thread has. */

/* Where the caller's stack ends. A thread's number is the address of its descriptor, which lies on top of its stack;
 * the main thread's lies elsewhere, and nothing lies above its stack but the kernel's pages. */
static uintptr_t end_of_stack(uintptr_t here) {
  uintptr_t descriptor = PyThread_get_thread_ident();
  return descriptor > here ? descriptor : UINTPTR_MAX;
}

enum place { HERE, ELSEWHERE, UNKNOWN }; /* the stack on which a thread state runs Python code; UNKNOWN: it runs none */

#if PY_VERSION_HEX >= 0x030A0000
/* The evaluation loop keeps its frame's head on the stack. */
static enum place runs_python(const PyThreadState *thread) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0), frame = (uintptr_t)thread->cframe;
  if (thread->cframe == &thread->root_cframe)
    return UNKNOWN;
  return frame > here && frame < end_of_stack(here) ? HERE : ELSEWHERE;
}
#elif defined(__GLIBC__)
extern void *__libc_stack_end __attribute__((weak)); /* the main thread's */

/* The evaluation loop keeps a pointer to the frame that it runs on the stack, and nobody else has it there. */
__attribute__((noinline, no_sanitize("address", "thread"))) static enum place
search_stack(const PyThreadState *thread) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0), end = end_of_stack(here);
  if (end == UINTPTR_MAX)
    end = &__libc_stack_end ? (uintptr_t)__libc_stack_end : here;
  const struct _frame *frame = thread->frame;
  if (!frame)
    return UNKNOWN;
  for (void *const volatile *word = (void *const volatile *)here; (uintptr_t)(word + 1) <= end; word++)
    if (*word == frame)
      return HERE;
  return ELSEWHERE;
}

__attribute__((noinline)) static enum place runs_python(const PyThreadState *thread) {
  __builtin_unwind_init(); /* what lies in registers, too */
  return search_stack(thread);
}
#else
static enum place runs_python(const PyThreadState *thread) {
  (void)thread;
  return UNKNOWN;
}
#endif

/* Whether the caller holds the GIL with a thread state that another thread made. What it took the GIL with is its own, or
 * what it held the GIL with when that was last proved; others take it with theirs. Where there is no proof, the first
 * thread state of a sub-interpreter is taken for one that goes from thread to thread, as others do not. */
static bool uses(PyThreadState *thread) {
  static _Thread_local PyThreadState *last_taken, *last_used;
  PyThreadState *known = PyGILState_GetThisThreadState(), *taken = thread;
#ifdef RF__THREAD_BASE
  PyThreadState *volatile *taker = __atomic_load_n(&gil_taker, __ATOMIC_RELAXED);
  taken = taker ? *taker : thread;
#endif
  if (!taken || (taken != known && taken != last_taken && taken != last_used)) {
    enum place place = runs_python(thread);
    if (place == UNKNOWN)
      return known && thread->id == 1 && thread->interp != PyInterpreterState_Main();
    if (place == ELSEWHERE)
      return false;
  }
  last_taken = taken;
  last_used = thread;
  return true;
}

RF__COPY PyInterpreterState *rf_own_interpreter(PyThreadState *thread) {
  bool own = thread && (thread->thread_id == PyThread_get_thread_ident() || uses(thread));
  return own ? thread->interp : NULL;
}
#endif

/* ---- Places of homes, with the lock held to change them ------------------------------------------------------- */

static void set_place(rf_interpreter *record, rf_home *home) {
  __atomic_store_n(&rf_homes[rf_place(record->home.interp, rf_multiplier)], home, __ATOMIC_RELEASE);
}

static bool has_place(const rf_interpreter *record) {
  return rf_homes[rf_place(record->home.interp, rf_multiplier)] == &record->home;
}

/* Whether every live interpreter has a place of its own with this multiplier. */
static bool separates(uint64_t multiplier) {
  static unsigned char taken[(1 << RF__PLACE_BITS) / 8];
  bool separate = true;
  memset(taken, 0, sizeof taken);
  for (rf_interpreter *record = interpreters; record && separate; record = record->next) {
    if (record->retired)
      continue;
    size_t place = rf_place(record->home.interp, multiplier);
    separate = !(taken[place / 8] & 1 << place % 8);
    taken[place / 8] |= (unsigned char)(1 << place % 8);
  }
  return separate;
}

/* Gives the home of a record in `interpreters` its place. A thread that reads while the places change finds its own
 * home or none, for a place is one pointer. */
static void take_place(rf_interpreter *newcomer) {
  enum { TRIALS = 256 };
  static uint64_t random = UINT64_C(0x2545F4914F6CDD1D);
  if (!rf_homes[rf_place(newcomer->home.interp, rf_multiplier)]) {
    set_place(newcomer, &newcomer->home);
    return;
  }
  for (int trial = 0; trial < TRIALS; trial++) {
    random ^= random << 13, random ^= random >> 7, random ^= random << 17;
    if (!separates(random | 1))
      continue;
    for (rf_interpreter *record = interpreters; record; record = record->next)
      if (!record->retired && has_place(record))
        set_place(record, NULL);
    __atomic_store_n(&rf_multiplier, random | 1, __ATOMIC_RELAXED);
    for (rf_interpreter *record = interpreters; record; record = record->next)
      if (!record->retired)
        set_place(record, &record->home);
    return;
  }
}

static void leave_place(rf_interpreter *record) {
  if (has_place(record))
    set_place(record, NULL);
}

/* ---- Records of interpreters ---------------------------------------------------------------------------------- */

static void free_blocks(rf_interpreter *record) {
  for (rf_block *block = record->blocks, *next; block; block = next) {
    next = block->next;
    if (block->status != BLOCK_LOST) {
      free(block->memory);
      free(block);
    }
  }
  for (rf_table *table = record->table, *shorter; table; table = shorter) {
    shorter = table->shorter;
    free(table);
  }
}

/* Keeps the record for another interpreter: threads of others may be reading its home. */
static void free_record(rf_interpreter *record) {
  free_blocks(record);
  record->blocks = NULL;
  record->table = NULL;
  record->words = 0;
  record->linked = record->retired = false;
  record->next = unused;
  unused = record;
}

/* Whether the current interpreter is in use, as opposed to torn down: its modules are there. An address and an id come
 * back after Py_Finalize and Py_Initialize, so a retired record alone does not tell an interpreter that dies from a new
 * one in its place. Python takes sys.modules away before it clears an interpreter's dictionary. */
static bool is_in_use(void) {
  PyObject *modules = PySys_GetObject("modules"); /* borrowed */
  return modules && modules != Py_None;
}

/* The record of the interpreter that runs on this thread, NULL where it has none yet. With the lock held. The newest
 * comes first: those behind it with the same address belonged to interpreters that are gone. */
static rf_interpreter *find_record(PyInterpreterState *interp, int64_t id) {
  for (rf_interpreter *record = interpreters; record; record = record->next)
    if (record->home.interp == interp)
      return record->id == id ? record : NULL;
  return NULL;
}

/* What an interpreter holds in guards is free for others. */
static void release_guards(rf_interpreter *record) {
  for (rf_guard *guard = guards; guard; guard = guard->next)
    if (guard->owner == record) {
      guard->owner = NULL;
      guard->loaded = guard->pending = 0;
    }
}

/* Takes the records of interpreters that are gone for certain out of the list: those whose address `interp` has now,
 * and those that this thread ended, for Py_EndInterpreter or Py_Finalize has returned when it is in `interp`. */
static void free_gone(PyInterpreterState *interp, int64_t id) {
  unsigned long self = PyThread_get_thread_ident();
  for (rf_interpreter **place = &interpreters; *place;) {
    rf_interpreter *record = *place;
    bool main_reborn = record->id == 0 && id == 0;
    if (record->home.interp != interp && !(record->retired && (record->retired_by == self || main_reborn))) {
      place = &record->next;
      continue;
    }
    *place = record->next;
    if (!record->retired) {
      leave_place(record);
      release_guards(record);
    }
    __atomic_store_n(&record->home.interp, NOBODY, __ATOMIC_RELEASE);
    if (record->retired) /* else its dictionary leaked, and the object in it still points here */
      free_record(record);
  }
}

/* Makes rf_home::data long enough for all slots; false without memory. With the lock held. */
static bool ensure_words(rf_interpreter *record) {
  if (record->words >= words_in_use)
    return true;
  size_t words = 2 * words_in_use + 12;
  rf_table *table = calloc(1, sizeof *table + words * sizeof(void *));
  if (!table)
    return false;
  if (record->table)
    memcpy(table->data, record->table->data, record->words * sizeof(void *));
  table->shorter = record->table;
  record->table = table;
  record->words = words;
  __atomic_store_n(&record->home.data, table->data, __ATOMIC_RELEASE);
  return true;
}

/* Puts a record into the list unless another thread of its interpreter has; false without memory. With the lock held.
 */
static bool link_record(rf_interpreter *record, PyInterpreterState *interp) {
  if (record->linked)
    return true;
  if (!ensure_words(record))
    return false;
  free_gone(interp, record->id);
  record->linked = true;
  record->next = interpreters;
  interpreters = record;
  __atomic_store_n(&record->home.interp, interp, __ATOMIC_RELEASE);
  if (!record->retired)
    take_place(record);
  return true;
}

static bool is_zero(const rf_block *block) {
  size_t size = block->slot->size; /* 0: GNU C's struct without members */
  return size == 0 || (block->data[0] == 0 && memcmp(block->data, block->data + 1, size - 1) == 0);
}

/* Pages of a large block are given back, so that those never touched are not made resident. */
static void zero(char *data, size_t size) {
#ifdef __linux__
  enum { LARGE = 1 << 20 };
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  char *first = data + (-(uintptr_t)data & (page - 1)), *end = data + size;
  char *last = end - ((uintptr_t)end & (page - 1));
  if (size >= LARGE && madvise(first, (size_t)(last - first), MADV_DONTNEED) == 0) {
    memset(data, 0, (size_t)(first - data));
    memset(last, 0, (size_t)(end - last));
    return;
  }
#endif
  memset(data, 0, size);
}

static void set_status(rf_block *block, enum block_status status) {
  lock();
  block->status = status;
  unlock();
}

static void scrub(rf_block *block) {
  if (block->slot->clear)
    block->slot->clear(block->data);
  zero(block->data, block->slot->size);
  set_status(block, BLOCK_SPARE);
}

/* The calling thread may be in another interpreter, so that only the record says which one ends. */
static void retire(rf_interpreter *record) {
  lock();
  record->retired = true;
  record->retired_by = PyThread_get_thread_ident();
  leave_place(record);
  release_guards(record);
  for (rf_block *block = record->blocks; block; block = block->next)
    if (block->status == BLOCK_INITIALISING)
      block->status = BLOCK_LOST;
  unlock();
}

/* Finalisers that run here get zeroed blocks; what they put there is cleared too. */
static void clear_blocks(rf_interpreter *record) {
  enum { PASSES = 4 };
  for (int pass = 0; pass < PASSES; pass++)
    for (rf_block *block = record->blocks; block; block = block->next)
      if (block->status == BLOCK_READY || (block->status == BLOCK_SPARE && !is_zero(block))) {
        set_status(block, BLOCK_CLEARING);
        scrub(block);
      }
}

#ifdef _WIN32
static void watch_forks(void) {}
#else
/* A fork leaves one thread: take the lock across it, and give up initialisations whose thread is gone. */
static void before_fork(void) { lock(); }
static void after_fork_parent(void) { unlock(); }
static void after_fork_child(void) {
  pthread_cond_init(&init_done, NULL);
  unsigned long self = PyThread_get_thread_ident();
  for (rf_interpreter *record = interpreters; record; record = record->next)
    for (rf_block *block = record->blocks; block; block = block->next)
      if (block->status == BLOCK_INITIALISING && block->initialiser != self)
        block->status = BLOCK_LOST;
  unlock();
}
static void watch_forks(void) { pthread_atfork(before_fork, after_fork_parent, after_fork_child); }
#endif

static void set_up_once(void) {
  static bool done;
  lock();
  bool first = !done;
  done = true;
  unlock();
  if (first) {
    watch_forks();
    find_thread_state();
  }
}

/* ---- The object in the interpreter's dictionary --------------------------------------------------------------- */

/* Lets the garbage collector visit the blocks, and ends the record when it dies. */
typedef struct {
  PyObject_HEAD rf_interpreter *record; /* NULL: the dictionary has taken another thread's */
} holder_object;

static rf_interpreter *held_by(PyObject *holder) {
  return __atomic_load_n(&((holder_object *)holder)->record, __ATOMIC_ACQUIRE);
}

static int holder_traverse(PyObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  rf_interpreter *record = held_by(self);
  lock();
  rf_block *block = record ? record->blocks : NULL;
  int stop = 0;
  while (block && !stop) {
    bool filled = block->status == BLOCK_READY || block->status == BLOCK_INITIALISING;
    unlock();
    if (filled && block->slot->traverse)
      stop = block->slot->traverse(block->data, visit, arg);
    lock();
    block = block->next;
  }
  unlock();
  return stop;
}

/* Whether Python has a thread state for who calls it now. */
static bool has_thread_state(void) {
#if defined(Py_LIMITED_API)
  return true;
#elif PY_VERSION_HEX >= 0x030D0000
  return PyThreadState_GetUnchecked() != NULL;
#else
  return _PyThreadState_UncheckedGet() != NULL;
#endif
}

static void holder_dealloc(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  rf_interpreter *record = held_by(self);
  if (record)
    retire(record);
  if (!has_thread_state())
    return; /* in the child of a fork, where Python takes the other interpreters apart, and no function of its may be called */
  PyObject_GC_UnTrack(self);
  if (record) {
    PyObject *error, *value, *traceback;
    PyErr_Fetch(&error, &value, &traceback);
    clear_blocks(record);
    PyErr_Restore(error, value, traceback);
  }
  PyObject_GC_Del(self);
  Py_DECREF(type);
}

static holder_object *new_holder(rf_interpreter *record) {
  static PyType_Slot type_slots[] = {{Py_tp_traverse, (void *)(uintptr_t)holder_traverse},
                                     {Py_tp_dealloc, (void *)(uintptr_t)holder_dealloc},
                                     {0, NULL}};
  static PyType_Spec spec = {"ringfence.StateHolder", sizeof(holder_object), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
                             type_slots};
  PyObject *type = PyType_FromSpec(&spec);
  holder_object *holder = type ? PyObject_GC_New(holder_object, (PyTypeObject *)type) : NULL;
  Py_XDECREF(type);
  if (holder) {
    __atomic_store_n(&holder->record, record, __ATOMIC_RELEASE);
    PyObject_GC_Track((PyObject *)holder);
  }
  return holder;
}

/* Borrowed; NULL without memory. Python makes the dictionary when first asked, and without a GIL two threads might get
 * one each: copies of this library take turns. */
static PyObject *interpreter_dict(void) {
  PyObject *dict;
#ifdef Py_GIL_DISABLED
  PyObject *modules = PySys_GetObject("modules");
  Py_BEGIN_CRITICAL_SECTION(modules);
#endif
  dict = PyInterpreterState_GetDict(PyInterpreterState_Get());
#ifdef Py_GIL_DISABLED
  Py_END_CRITICAL_SECTION();
#endif
  return dict;
}

/* Puts a holder of `record` into the dictionary. Returns the record whose holder is there now: where two threads of one
 * interpreter get here, the dictionary decides. NULL with an exception. */
static rf_interpreter *anchor(rf_interpreter *record) {
  PyObject *dict = interpreter_dict();
  if (!dict) {
    PyErr_SetString(PyExc_RuntimeError, "this interpreter has no dictionary to keep state in");
    return NULL;
  }
  holder_object *holder = new_holder(record);
  /* the name under which this copy of the library keeps its own */
  PyObject *key = holder ? PyUnicode_FromFormat("ringfence.state.%p", (void *)&interpreters) : NULL;
  PyObject *there = key ? PyObject_CallMethod(dict, "setdefault", "OO", key, (PyObject *)holder) : NULL;
  rf_interpreter *winner = there ? held_by(there) : NULL;
  if (holder && winner != record)
    __atomic_store_n(&holder->record, NULL, __ATOMIC_RELEASE);
  Py_XDECREF(there);
  Py_XDECREF(key);
  Py_XDECREF((PyObject *)holder);
  return winner;
}

static rf_interpreter *new_record(int64_t id) {
  lock();
  rf_interpreter *record = unused;
  if (record)
    unused = record->next;
  unlock();
  if (!record)
    record = calloc(1, sizeof *record);
  if (record) {
    record->home.interp = NOBODY;
    record->id = id;
  }
  return record;
}

static rf_interpreter *create_record(PyInterpreterState *interp, int64_t id) {
  set_up_once();
  rf_interpreter *made = new_record(id), *record = made;
  if (made && is_in_use()) {
    record = anchor(made);
  } else if (made) { /* first asked for while the interpreter is torn down */
    made->retired = true;
    made->retired_by = PyThread_get_thread_ident();
  }
  lock();
  bool linked = record && link_record(record, interp);
  if (made && record != made)
    free_record(made);
  unlock();
  if (!linked && !PyErr_Occurred())
    PyErr_NoMemory();
  return linked ? record : NULL;
}

/* The current interpreter's record; NULL with an exception where it cannot be made. */
static rf_interpreter *current_record(PyInterpreterState *interp) {
  int64_t id = PyInterpreterState_GetID(interp);
  lock();
  rf_interpreter *record = find_record(interp, id);
  bool retired = record && record->retired;
  unlock();
  return record && !(retired && is_in_use()) ? record : create_record(interp, id);
}

/* ---- Blocks --------------------------------------------------------------------------------------------------- */

/* Gives the slot its words in every table; false without memory. With the lock held. */
static bool register_slot(rf_slot *slot) {
  if (slot->index)
    return true;
  words_in_use += 2;
  for (rf_interpreter *record = interpreters; record; record = record->next)
    if (!ensure_words(record)) {
      words_in_use -= 2;
      return false;
    }
  slot->next = slots;
  slots = slot;
  __atomic_store_n(&slot->index, words_in_use - 2, __ATOMIC_RELEASE);
  return true;
}

/* A spare block of `slot`, made where there is none; NULL without memory. With the lock held. */
static rf_block *spare_block(rf_interpreter *record, rf_slot *slot) {
  for (rf_block *block = record->blocks; block; block = block->next)
    if (block->slot == slot && block->status == BLOCK_SPARE)
      return block;
  rf_block *block = calloc(1, sizeof *block);
  void *memory = block ? calloc(1, slot->size + slot->alignment) : NULL;
  if (!memory) {
    free(block);
    return NULL;
  }
  uintptr_t rest = (uintptr_t)memory % slot->alignment;
  block->slot = slot;
  block->memory = memory;
  block->data = (char *)memory + (rest ? slot->alignment - rest : 0);
  block->next = record->blocks;
  record->blocks = block;
  return block;
}

/* Another thread's init of the slot, or with `self` this thread's. With the lock held. */
static rf_block *init_under_way(rf_interpreter *record, rf_slot *slot, bool self) {
  for (rf_block *block = record->blocks; block; block = block->next)
    if (block->slot == slot && block->status == BLOCK_INITIALISING &&
        (block->initialiser == PyThread_get_thread_ident()) == self)
      return block;
  return NULL;
}

/* Runs slot->init on a block that this thread has marked BLOCK_INITIALISING. Returns the data of the block that the
 * interpreter now has: where this thread would not wait for another one's init, whose was ready first. */
static void *initialise(rf_interpreter *record, rf_block *block) {
  rf_slot *slot = block->slot;
  bool failed = slot->init && slot->init(block->data) != 0;
  lock();
  void **place = &record->home.data[slot->index], *ready = *place;
  bool kept = !failed && !ready && !record->retired;
  block->status = kept ? BLOCK_READY : BLOCK_CLEARING;
  if (kept)
    __atomic_store_n(place, ready = block->data, __ATOMIC_RELEASE);
  inits_done++;
  wake_waiters();
  unlock();
  if (kept)
    return ready;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  scrub(block);
  PyErr_Restore(type, value, traceback);
  if (failed && !PyErr_Occurred())
    PyErr_Format(PyExc_SystemError, "init of the state %s failed without an exception", slot->name);
  return failed ? NULL : ready ? ready : block->data;
}

/* The block of `slot` in the current interpreter, initialised where it is new; NULL with an exception. */
static void *block_in(rf_interpreter *record, rf_slot *slot) {
  enum { PATIENCE = 60 }; /* waits of 50 ms */
  for (int waits = 0;; waits++) {
    /* Once Python is being finalised, a thread inside an init does not come back. */
    bool patient = waits < PATIENCE && Py_IsInitialized();
    rf_block *block = NULL, *other = NULL;
    lock();
    bool registered = register_slot(slot);
    void *data = registered ? record->home.data[slot->index] : NULL;
    if (registered && record->retired) {
      block = spare_block(record, slot);
      data = block ? block->data : NULL;
    } else if (registered && !data && (block = init_under_way(record, slot, true))) {
      data = block->data;
    } else if (registered && !data && !(patient && (other = init_under_way(record, slot, false)))) {
      block = spare_block(record, slot);
      if (block) {
        block->status = BLOCK_INITIALISING;
        block->initialiser = PyThread_get_thread_ident();
      }
    }
    unsigned long seen = inits_done;
    unlock();
    if (data)
      return data;
    if (block)
      return initialise(record, block);
    if (!other)
      return PyErr_NoMemory();
    wait_for_init(seen);
  }
}

/* Sets the exception that was fetched before the one that is set now as its context. */
static void chain(PyObject *type, PyObject *value, PyObject *traceback) {
  PyObject *new_type, *new_value, *new_traceback;
  PyErr_Fetch(&new_type, &new_value, &new_traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  if (traceback && value)
    PyException_SetTraceback(value, traceback);
  PyErr_NormalizeException(&new_type, &new_value, &new_traceback);
  if (new_value && value && value != new_value)
    PyException_SetContext(new_value, value);
  else
    Py_XDECREF(value);
  Py_XDECREF(type);
  Py_XDECREF(traceback);
  PyErr_Restore(new_type, new_value, new_traceback);
}

RF__COPY void *rf_state_lookup(rf_slot *slot) {
  PyInterpreterState *interp = rf_current_interpreter();
  if (!interp)
    return NULL;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  rf_interpreter *record = current_record(interp);
  void *data = record ? block_in(record, slot) : NULL;
  if (data)
    PyErr_Restore(type, value, traceback);
  else if (type)
    chain(type, value, traceback);
  return data;
}

/* Whether RF_ENTER was called for the slot in the current interpreter; `set` says it was. */
static bool entered(rf_slot *slot, PyInterpreterState *interp, bool set) {
  int64_t id = PyInterpreterState_GetID(interp);
  lock();
  rf_interpreter *record = slot->index ? find_record(interp, id) : NULL;
  void **word = record ? &record->home.data[slot->index + 1] : NULL;
  if (word && set)
    *word = slot;
  bool is_set = word && (*word || record->retired);
  unlock();
  return is_set;
}

RF__COPY void *rf_state_checked(rf_slot *slot, const char *file, int line) {
  PyInterpreterState *interp = rf_current_interpreter();
  if (!interp)
    fprintf(stderr, "%s:%d: ringfence: the state %s is used without a thread state\n", file, line, slot->name);
  else if (!entered(slot, interp, false))
    fprintf(stderr, "%s:%d: ringfence: the state %s is used in interpreter %lld before RF_ENTER\n", file, line,
            slot->name, (long long)PyInterpreterState_GetID(interp));
  return rf_state_get(slot);
}

RF__COPY int rf_state_enter(rf_slot *slot) {
  PyInterpreterState *interp = rf_current_interpreter();
  if (!interp)
    return -1;
  lock();
  register_slot(slot);
  unlock();
  if (!current_record(interp))
    return -1;
  entered(slot, interp, true);
  return rf_state_get(slot) ? 0 : -1;
}

RF__COPY void rf_state_clear(rf_slot *slot) {
  PyInterpreterState *interp = rf_current_interpreter();
  if (!interp)
    return;
  int64_t id = PyInterpreterState_GetID(interp);
  rf_block *ready = NULL;
  lock();
  rf_interpreter *record = slot->index ? find_record(interp, id) : NULL;
  for (rf_block *block = record ? record->blocks : NULL; block && !ready; block = block->next)
    if (block->slot == slot && block->status == BLOCK_READY)
      ready = block;
  if (ready) {
    ready->status = BLOCK_CLEARING;
    __atomic_store_n(&record->home.data[slot->index], NULL, __ATOMIC_RELEASE);
  }
  unlock();
  if (!ready)
    return;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  scrub(ready);
  PyErr_Restore(type, value, traceback);
}

RF__COPY rf_counts rf_state_counts(void) {
  rf_counts counts = {0, 0, 0};
  lock();
  for (rf_interpreter *record = interpreters; record; record = record->next) {
    counts.interpreters += !record->retired;
    for (rf_block *block = record->blocks; block; block = block->next)
      ++*(record->retired ? &counts.retired_blocks : &counts.blocks);
  }
  unlock();
  return counts;
}

/* ---- Load guard ----------------------------------------------------------------------------------------------- */

static void refuse(PyObject *module, int64_t owner, int64_t here, bool loaded) {
  PyObject *name = PyModule_GetNameObject(module);
  PyObject *message =
      name
          ? PyUnicode_FromFormat("module %U keeps state for the whole process and %s in interpreter %lld: it cannot be "
                                 "loaded in interpreter %lld before that one has ended",
                                 name, loaded ? "is loaded" : "is being loaded", (long long)owner, (long long)here)
          : NULL;
  if (message)
    PyErr_SetImportError(message, name, NULL);
  Py_XDECREF(message);
  Py_XDECREF(name);
}

RF__COPY int rf_load_guard(rf_guard *guard, PyObject *module, int (*exec)(PyObject *module)) {
  if (guard->policy == RF_ALLOW_SECOND)
    return exec(module);
  PyInterpreterState *interp = rf_current_interpreter();
  rf_interpreter *record = current_record(interp);
  if (!record)
    return -1;
  lock();
  if (!guard->listed) {
    guard->listed = 1;
    guard->next = guards;
    guards = guard;
  }
  bool refused = record->retired || (guard->owner && guard->owner != record);
  int64_t owner = guard->owner ? guard->owner->id : record->id;
  bool loaded = guard->loaded;
  if (!refused) {
    guard->owner = record;
    guard->pending++;
  }
  unlock();
  if (refused) {
    refuse(module, owner, record->id, loaded);
    return -1;
  }

  int result = exec(module);

  lock();
  guard->pending--;
  if (result == 0)
    guard->loaded = 1;
  else if (!guard->loaded && guard->pending == 0)
    guard->owner = NULL;
  unlock();
  return result;
}
