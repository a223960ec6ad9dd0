/* State and load guard: see ringfence.h.
 *
 * The end of an interpreter is seen by the destructor of a capsule in its dictionary, the one hook that runs on every
 * version, also for modules that leak. It clears the blocks, frees their places and retires the record: objects may
 * still die in that interpreter afterwards and ask for their state, so the memory is freed when the interpreter is
 * known to be gone.
 *
 * One lock guards every record and list below. No Python code runs under it, so that it nests in any GIL and a thread
 * that holds it never waits for one. Memory comes from malloc: a record outlives the interpreter and the allocators
 * that Py_Initialize may exchange. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "ringfence.h"

#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum block_status { BLOCK_NEW, BLOCK_INITIALISING, BLOCK_READY, BLOCK_CLEARED };

typedef struct rf_block {
  rf_slot *slot;
  enum block_status status;
  unsigned long initialiser; /* thread inside slot->init, while BLOCK_INITIALISING */
  max_align_t data[];
} rf_block;

typedef struct rf_interpreter {
  PyInterpreterState *interp;
  int64_t id; /* 0 is the main interpreter, after each Py_Initialize anew */
  bool retired;
  unsigned long retired_by; /* the thread that ended the interpreter */
  rf_block **blocks;        /* by slot index */
  int block_count;
  PyObject *holder; /* lets the garbage collector visit the blocks; borrowed, NULL where no slot has a traverse */
  struct rf_interpreter *next;
} rf_interpreter;

/* An object in the interpreter's dictionary through which the garbage collector visits the blocks. */
typedef struct {
  PyObject_HEAD rf_interpreter *record; /* NULL: before it is filled, and after the interpreter has ended */
} holder_object;

uintptr_t rf_thread_offset;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t init_done = PTHREAD_COND_INITIALIZER;
static rf_interpreter *interpreters; /* live and retired */
static rf_slot *slots;
static rf_guard *guards;
static int slot_count;

/* ---- Where the running thread's state lies -------------------------------------------------------------------- */

#if !defined(RF_THREAD_BASE)
static void find_thread_state(void) {}
#elif PY_VERSION_HEX < 0x030C0000
extern char _PyRuntime[] __attribute__((weak));

/* The one word of _PyRuntime that follows PyThreadState_Swap, which before 3.12 keeps the GIL. It lies 568 to 576 bytes
 * from the start, and the smallest _PyRuntime (3.9's) has 656. */
static void find_thread_state(void) {
  enum { WORDS = 80 };
  PyThreadState *volatile *words = (PyThreadState *volatile *)(void *)_PyRuntime;
  PyThreadState *thread = PyThreadState_Get();
  bool before[WORDS];
  int followed = 0, last = 0;
  for (int i = 0; _PyRuntime && i < WORDS; i++)
    before[i] = words[i] == thread;
  PyThreadState_Swap(NULL);
  for (int i = 0; _PyRuntime && i < WORDS; i++)
    if (before[i] && !words[i]) {
      followed++;
      last = i;
    }
  PyThreadState_Swap(thread);
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
  *(uintptr_t *)result = fresh.begin ? (uintptr_t)fresh.begin - RF_THREAD_BASE : 0;
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
  if (!offset || offset != (uintptr_t)here.begin - RF_THREAD_BASE)
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

/* ---- Places, with the lock held to change them ---------------------------------------------------------------- */

enum { PROBES = 8 }; /* places that one interpreter may have */

/* The place of `interp` (NULL: a free one) where that of `home` may be; NULL where there is none. */
static rf_place *find_place(rf_slot *slot, PyInterpreterState *home, PyInterpreterState *interp) {
  for (size_t i = 0; i < PROBES; i++) {
    rf_place *place = &slot->places[(rf_first_place(home) + i) % RF_PLACES];
    if (__atomic_load_n(&place->interp, __ATOMIC_ACQUIRE) == interp)
      return place;
  }
  return NULL;
}

static void take_place(rf_slot *slot, PyInterpreterState *interp, void *block) {
  rf_place *place = find_place(slot, interp, interp) ? NULL : find_place(slot, interp, NULL);
  if (!place)
    return;
  place->block = block;
  __atomic_store_n(&place->interp, interp, __ATOMIC_RELEASE);
}

static void leave_place(rf_slot *slot, PyInterpreterState *interp) {
  rf_place *place = find_place(slot, interp, interp);
  if (place)
    __atomic_store_n(&place->interp, NULL, __ATOMIC_RELEASE);
}

/* ---- Records of interpreters ---------------------------------------------------------------------------------- */

static void unlink_record(rf_interpreter *record) {
  rf_interpreter **place = &interpreters;
  while (*place && *place != record)
    place = &(*place)->next;
  if (*place)
    *place = record->next;
}

static void free_record(rf_interpreter *record) {
  for (int i = 0; i < record->block_count; i++)
    free(record->blocks[i]);
  free(record->blocks);
  free(record);
}

/* Whether the current interpreter is in use, as opposed to torn down: its modules are there. An address and an id come
 * back after Py_Finalize and Py_Initialize, so a retired record alone does not tell an interpreter that dies from a new
 * one in its place. Python takes sys.modules away before it clears an interpreter's dictionary. */
static bool is_in_use(int64_t id) {
  if (id == 0)
    return Py_IsInitialized();
  PyObject *modules = PySys_GetObject("modules"); /* borrowed; keeps an exception that is set */
  return modules && modules != Py_None;
}

/* The record of the interpreter that runs on this thread, NULL where it has none yet. With the lock held. The newest
 * comes first: those behind it with the same address belonged to interpreters that are gone. */
static rf_interpreter *find_record(PyInterpreterState *interp, int64_t id) {
  for (rf_interpreter *record = interpreters; record; record = record->next)
    if (record->interp == interp)
      return record->id == id ? record : NULL;
  return NULL;
}

/* What an interpreter holds in slots and guards is free for others. */
static void release_holds(rf_interpreter *record) {
  for (rf_slot *slot = slots; slot; slot = slot->next)
    leave_place(slot, record->interp);
  for (rf_guard *guard = guards; guard; guard = guard->next)
    if (guard->owner == record) {
      guard->owner = NULL;
      guard->loaded = guard->pending = 0;
    }
}

/* Frees the records of interpreters that are gone for certain: those whose address `interp` has now, and those that
 * this thread ended, for Py_EndInterpreter or Py_Finalize has returned when it is in `interp`. */
static void free_gone(PyInterpreterState *interp, int64_t id) {
  unsigned long self = PyThread_get_thread_ident();
  for (rf_interpreter *record = interpreters, *next; record; record = next) {
    next = record->next;
    bool main_reborn = record->id == 0 && id == 0;
    if (record->interp == interp || (record->retired && (record->retired_by == self || main_reborn))) {
      release_holds(record);
      unlink_record(record);
      if (record->retired)
        free_record(record);
      else
        record->interp =
            NULL; /* its capsule was never destroyed, as its dictionary leaked: the capsule still points here */
    }
  }
}

/* A promise of RF_ENTER ends with the main interpreter; the next one may make it again. */
static void forget_main(void) {
  for (rf_slot *slot = slots; slot; slot = slot->next) {
    __atomic_store_n(&slot->only, NULL, __ATOMIC_RELEASE);
    slot->many = 0;
    for (rf_interpreter *record = interpreters; record; record = record->next)
      if (record->id != 0 && slot->index < record->block_count && record->blocks[slot->index])
        slot->many = 1;
  }
}

static void clear_block(rf_block *block, enum block_status after) {
  if (block->slot->clear)
    block->slot->clear(block->data);
  memset(block->data, 0, block->slot->size);
  block->status = after;
}

/* Destructor of the capsule: the interpreter ends. The calling thread may be in another one (after a fork the main
 * interpreter clears the others), so only the record says which. */
static void end_interpreter(PyObject *capsule) {
  rf_interpreter *record = PyCapsule_GetPointer(capsule, NULL);
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);

  pthread_mutex_lock(&lock);
  record->retired = true;
  record->retired_by = PyThread_get_thread_ident();
  if (record->holder)
    ((holder_object *)record->holder)->record = NULL;
  record->holder = NULL;
  release_holds(record);
  if (record->id == 0)
    forget_main();
  pthread_mutex_unlock(&lock);

  for (int i = record->block_count; i-- > 0;)
    if (record->blocks[i] && record->blocks[i]->status == BLOCK_READY)
      clear_block(record->blocks[i], BLOCK_CLEARED);
  PyErr_Restore(type, value, traceback);
}

/* A fork leaves one thread: take the lock across it, and give up initialisations whose thread is gone. */
static void before_fork(void) { pthread_mutex_lock(&lock); }
static void after_fork_parent(void) { pthread_mutex_unlock(&lock); }
static void after_fork_child(void) {
  pthread_cond_init(&init_done, NULL);
  unsigned long self = PyThread_get_thread_ident();
  for (rf_interpreter *record = interpreters; record; record = record->next)
    for (int i = 0; i < record->block_count; i++) {
      rf_block *block = record->blocks[i];
      if (block && block->status == BLOCK_INITIALISING && block->initialiser != self)
        block->status = BLOCK_NEW;
    }
  pthread_mutex_unlock(&lock);
}

static void set_up(void) {
  pthread_atfork(before_fork, after_fork_parent, after_fork_child);
  find_thread_state();
}

/* The name under which this copy of the library keeps `what` in the interpreter's dictionary. */
static PyObject *dictionary_key(const char *what) {
  return PyUnicode_FromFormat("ringfence.%s.%p", what, (void *)&interpreters);
}

/* Puts a capsule for `interp` into its dictionary and returns the record that is there now: where two threads of one
 * interpreter get here, the dictionary decides. */
static rf_interpreter *create_record(PyInterpreterState *interp, int64_t id) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, set_up);
  PyObject *dict = PyInterpreterState_GetDict(interp);
  if (!dict) {
    PyErr_SetString(PyExc_RuntimeError, "this interpreter has no dictionary to keep state in");
    return NULL;
  }
  rf_interpreter *record = calloc(1, sizeof *record);
  PyObject *key = dictionary_key("state");
  PyObject *capsule = record && key ? PyCapsule_New(record, NULL, NULL) : NULL;
  PyObject *winner = NULL; /* borrowed: the dictionary keeps it */
  if (capsule) {
    record->interp = interp;
    record->id = id;
    record->retired = !is_in_use(id); /* first asked for while the interpreter is torn down */
    record->retired_by = PyThread_get_thread_ident();
    winner = PyObject_CallMethod(dict, "setdefault", "OO", key, capsule);
    Py_XDECREF(winner);
  } else if (!PyErr_Occurred()) {
    PyErr_NoMemory();
  }
  Py_XDECREF(key);
  if (winner && winner == capsule) {
    pthread_mutex_lock(&lock);
    free_gone(interp, id);
    record->next = interpreters;
    interpreters = record;
    pthread_mutex_unlock(&lock);
    PyCapsule_SetDestructor(capsule, end_interpreter);
  } else {
    free(record);
    record = winner ? PyCapsule_GetPointer(winner, NULL) : NULL;
  }
  Py_XDECREF(capsule);
  return record;
}

/* The current interpreter's record; NULL with an exception where it cannot be made. */
static rf_interpreter *current_record(PyInterpreterState *interp) {
  int64_t id = PyInterpreterState_GetID(interp);
  pthread_mutex_lock(&lock);
  rf_interpreter *record = find_record(interp, id);
  bool retired = record && record->retired;
  pthread_mutex_unlock(&lock);
  return record && !(retired && is_in_use(id)) ? record : create_record(interp, id);
}

/* ---- The garbage collector's view ----------------------------------------------------------------------------- */

static int holder_traverse(PyObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  rf_interpreter *record = ((holder_object *)self)->record;
  for (int i = 0; record && i < record->block_count; i++) {
    rf_block *block = record->blocks[i];
    int stop = block && block->slot->traverse ? block->slot->traverse(block->data, visit, arg) : 0;
    if (stop)
      return stop;
  }
  return 0;
}

static void holder_dealloc(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  rf_interpreter *record = ((holder_object *)self)->record;
  if (record)
    record->holder = NULL;
  PyObject_GC_UnTrack(self);
  PyObject_GC_Del(self);
  Py_DECREF(type);
}

/* Makes the object whose traversal visits the blocks. The record keeps no reference: the dictionary does. */
static int ensure_holder(rf_interpreter *record) {
  static PyType_Slot type_slots[] = {{Py_tp_traverse, (void *)(uintptr_t)holder_traverse},
                                     {Py_tp_dealloc, (void *)(uintptr_t)holder_dealloc},
                                     {0, NULL}};
  static PyType_Spec spec = {"ringfence.StateHolder", sizeof(holder_object), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
                             type_slots};
  if (record->holder)
    return 0;
  PyObject *type = PyType_FromSpec(&spec);
  holder_object *holder = type ? PyObject_GC_New(holder_object, (PyTypeObject *)type) : NULL;
  Py_XDECREF(type);
  if (holder)
    holder->record = NULL;
  PyObject *key = holder ? dictionary_key("holder") : NULL;
  int failed = !key || PyDict_SetItem(PyInterpreterState_GetDict(record->interp), key, (PyObject *)holder) < 0;
  if (!failed && !record->holder) {
    holder->record = record;
    record->holder = (PyObject *)holder;
    PyObject_GC_Track((PyObject *)holder);
  }
  Py_XDECREF(key);
  Py_XDECREF((PyObject *)holder);
  return failed ? -1 : 0;
}

/* ---- Blocks --------------------------------------------------------------------------------------------------- */

/* The block of `slot` in `record`, made where missing; NULL without memory. With the lock held. */
static rf_block *find_block(rf_interpreter *record, rf_slot *slot) {
  if (slot->index == 0) {
    slot->index = ++slot_count;
    slot->next = slots;
    slots = slot;
  }
  if (slot->index >= record->block_count) {
    int count = slot_count + 1;
    rf_block **grown = calloc((size_t)count, sizeof *grown);
    if (!grown)
      return NULL;
    if (record->blocks)
      memcpy(grown, record->blocks, (size_t)record->block_count * sizeof *grown);
    free(record->blocks);
    record->blocks = grown;
    record->block_count = count;
  }
  rf_block **place = &record->blocks[slot->index];
  if (!*place) {
    *place = calloc(1, offsetof(rf_block, data) + slot->size);
    if (*place)
      (*place)->slot = slot;
  }
  if (record->id != 0) {
    slot->many = 1;
    __atomic_store_n(&slot->only, NULL, __ATOMIC_RELEASE);
  }
  return *place;
}

/* Runs slot->init on a block that this thread has marked BLOCK_INITIALISING. */
static int initialise(rf_block *block) {
  rf_slot *slot = block->slot;
  int failed = slot->init ? slot->init(block->data) : 0;
  if (failed) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    clear_block(block, BLOCK_INITIALISING);
    PyErr_Restore(type, value, traceback);
    if (!PyErr_Occurred())
      PyErr_Format(PyExc_SystemError, "init of the state %s failed without an exception", slot->name);
  }
  pthread_mutex_lock(&lock);
  block->status = failed ? BLOCK_NEW : BLOCK_READY;
  pthread_cond_broadcast(&init_done);
  pthread_mutex_unlock(&lock);
  return failed ? -1 : 0;
}

static void wait_for_init(rf_block *block) {
  PyThreadState *thread = PyEval_SaveThread();
  pthread_mutex_lock(&lock);
  while (block->status == BLOCK_INITIALISING)
    pthread_cond_wait(&init_done, &lock);
  pthread_mutex_unlock(&lock);
  PyEval_RestoreThread(thread);
}

void *rf_state_lookup(rf_slot *slot) {
  PyInterpreterState *interp = rf_current_interpreter();
  if (!interp)
    return NULL;
  rf_place *place = find_place(slot, interp, interp);
  if (place)
    return place->block;
  rf_interpreter *record = current_record(interp);
  if (!record)
    return NULL;
  if (slot->traverse && !record->retired && ensure_holder(record) < 0)
    return NULL;
  unsigned long self = PyThread_get_thread_ident();
  for (;;) {
    pthread_mutex_lock(&lock);
    rf_block *block = find_block(record, slot);
    enum block_status status = block ? block->status : BLOCK_NEW;
    /* An unfinished or a retired block is good for this call only. */
    bool ready = status == BLOCK_READY && !record->retired;
    bool usable = ready || record->retired || (status == BLOCK_INITIALISING && block->initialiser == self);
    if (ready)
      take_place(slot, interp, block->data);
    if (block && !usable && status == BLOCK_NEW) {
      block->status = BLOCK_INITIALISING;
      block->initialiser = self;
    }
    pthread_mutex_unlock(&lock);

    if (!block)
      return PyErr_NoMemory();
    if (usable)
      return block->data;
    if (status != BLOCK_NEW)
      wait_for_init(block);
    else if (initialise(block) < 0)
      return NULL;
  }
}

int rf_state_enter(rf_slot *slot) {
  void *data = rf_state_get(slot);
  if (!data)
    return -1;
  bool is_main = PyInterpreterState_GetID(rf_current_interpreter()) == 0;
  pthread_mutex_lock(&lock);
  if (is_main && !slot->many)
    __atomic_store_n(&slot->only, data, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&lock);
  return 0;
}

void rf_state_clear(rf_slot *slot) {
  PyInterpreterState *interp = rf_current_interpreter();
  if (!interp)
    return;
  int64_t id = PyInterpreterState_GetID(interp);
  pthread_mutex_lock(&lock);
  rf_interpreter *record = find_record(interp, id);
  rf_block *block = record && slot->index && slot->index < record->block_count ? record->blocks[slot->index] : NULL;
  bool ready = block && block->status == BLOCK_READY;
  if (ready) {
    /* Others of this interpreter wait until it is cleared. */
    block->status = BLOCK_INITIALISING;
    block->initialiser = PyThread_get_thread_ident();
    leave_place(slot, interp);
    if (id == 0)
      __atomic_store_n(&slot->only, NULL, __ATOMIC_RELEASE);
  }
  pthread_mutex_unlock(&lock);
  if (!ready)
    return;
  clear_block(block, BLOCK_INITIALISING);
  pthread_mutex_lock(&lock);
  block->status = BLOCK_NEW;
  pthread_cond_broadcast(&init_done);
  pthread_mutex_unlock(&lock);
}

rf_counts rf_state_counts(void) {
  rf_counts counts = {0, 0, 0};
  pthread_mutex_lock(&lock);
  for (rf_interpreter *record = interpreters; record; record = record->next) {
    counts.interpreters += !record->retired;
    for (int i = 0; i < record->block_count; i++)
      if (record->blocks[i])
        ++*(record->retired ? &counts.retired_blocks : &counts.blocks);
  }
  pthread_mutex_unlock(&lock);
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

int rf_load_guard(rf_guard *guard, PyObject *module, int (*exec)(PyObject *module)) {
  if (guard->policy == RF_ALLOW_SECOND)
    return exec(module);
  PyInterpreterState *interp = rf_current_interpreter();
  rf_interpreter *record = current_record(interp);
  if (!record)
    return -1;
  pthread_mutex_lock(&lock);
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
  pthread_mutex_unlock(&lock);
  if (refused) {
    refuse(module, owner, record->id, loaded);
    return -1;
  }

  int result = exec(module);

  pthread_mutex_lock(&lock);
  guard->pending--;
  if (result == 0)
    guard->loaded = 1;
  else if (!guard->loaded && guard->pending == 0)
    guard->owner = NULL;
  pthread_mutex_unlock(&lock);
  return result;
}
