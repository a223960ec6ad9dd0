/* See ringfence_watch.h. An object word's owner is the interpreter in whose step the word took its value: Python does
 * not say whose an object is. Values that point into a loaded file (static types, None) belong to the process and are
 * not judged. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "ringfence_watch.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  void *value;
  long owner; /* number of the interpreter, 0 where nobody is known to have put it there */
} watched_word;

typedef struct watched_object {
  rf_watched what;
  unsigned char *now, *before; /* its memory; a copy as of the last step */
  watched_word *words;
  unsigned reported; /* bit per rf_violation_kind */
  struct watched_object *next;
} watched_object;

/* Interpreters by a number that is never used twice: ids begin again with each Py_Initialize. */
typedef struct {
  long number;
  int64_t id;
} visitor;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static rf_watch_mode mode = RF_WATCH_REPORT;
static watched_object *objects;
static long last_number;
static struct {
  int64_t id;
  bool dead;
} * visitors; /* by number - 1 */
static rf_violation *violations;
static size_t violation_count, violation_room;

static void interpreter_ends(visitor *self);
static int interpreter_begins(visitor *self) {
  pthread_mutex_lock(&lock);
  void *grown = realloc(visitors, (size_t)(last_number + 1) * sizeof *visitors);
  if (grown) {
    visitors = grown;
    self->number = ++last_number;
    self->id = PyInterpreterState_GetID(PyInterpreterState_Get());
    visitors[self->number - 1].id = self->id;
    visitors[self->number - 1].dead = false;
  }
  pthread_mutex_unlock(&lock);
  if (!grown)
    PyErr_NoMemory();
  return grown ? 0 : -1;
}
RF_STATE(watch, visitor, interpreter_begins, interpreter_ends)

/* ---- Opening -------------------------------------------------------------------------------------------------- */

struct build_id {
  ElfW(Addr) base;
  const char *name;
  char hex[129]; /* empty where the file has none */
};

static void read_notes(struct build_id *wanted, const char *notes, size_t size) {
  while (size >= sizeof(ElfW(Nhdr))) {
    const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)notes;
    size_t name = (note->n_namesz + 3) & ~(size_t)3, text = (note->n_descsz + 3) & ~(size_t)3;
    size_t whole = sizeof *note + name + text;
    if (whole > size)
      return;
    const char *owner = notes + sizeof *note;
    if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(owner, "GNU", 4) == 0 && note->n_descsz <= 64)
      for (size_t i = 0; i < note->n_descsz; i++)
        snprintf(wanted->hex + 2 * i, 3, "%02x", (unsigned char)owner[name + i]);
    notes += whole;
    size -= whole;
  }
}

static int find_build_id(struct dl_phdr_info *info, size_t size, void *argument) {
  (void)size;
  struct build_id *wanted = argument;
  if (info->dlpi_addr != wanted->base || strcmp(info->dlpi_name, wanted->name) != 0)
    return 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_NOTE)
      read_notes(wanted, (const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr), info->dlpi_phdr[i].p_memsz);
  return 1;
}

/* True where `size` bytes at `address` lie in a writable segment of the file. */
static int covers(struct dl_phdr_info *info, size_t size, void *argument) {
  (void)size;
  const struct {
    ElfW(Addr) base;
    uintptr_t address;
    size_t size;
  } *range = argument;
  if (info->dlpi_addr != range->base)
    return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    if (header->p_type == PT_LOAD && range->address >= header->p_vaddr && range->size <= header->p_memsz &&
        range->address - header->p_vaddr <= header->p_memsz - range->size)
      return 1;
  }
  return 0;
}

static char *keep(const char *text) { return strdup(text ? text : ""); }

/* The words of a static type that hold objects, whatever the manifest says. */
static const size_t type_words[] = {offsetof(PyTypeObject, tp_base), offsetof(PyTypeObject, tp_dict),
                                    offsetof(PyTypeObject, tp_bases), offsetof(PyTypeObject, tp_mro)};

static bool is_type(const rf_watched *what) {
  return strcmp(what->kind, "static-type") == 0 && what->size >= sizeof(PyTypeObject);
}

static watched_object *copy_object(const rf_watched *what, uintptr_t base) {
  watched_object *object = calloc(1, sizeof *object);
  if (!object)
    return NULL;
  rf_watched *mine = &object->what;
  *mine = *what;
  mine->id = keep(what->id);
  mine->symbol = keep(what->symbol);
  mine->kind = keep(what->kind);
  mine->verdict = keep(what->verdict);
  mine->source = keep(what->source);
  mine->advice = keep(what->advice);
  if (is_type(mine)) {
    mine->object_words = type_words;
    mine->object_word_count = sizeof type_words / sizeof *type_words;
  } else {
    size_t *words = malloc((what->object_word_count + 1) * sizeof *words);
    if (words && what->object_word_count)
      memcpy(words, what->object_words, what->object_word_count * sizeof *words);
    mine->object_words = words;
  }
  object->now = (unsigned char *)(base + what->address);
  object->before = malloc(mine->size ? mine->size : 1);
  object->words = calloc(mine->object_word_count + 1, sizeof *object->words);
  if (!mine->object_words || !object->before || !object->words)
    return NULL; /* out of memory for good: what was allocated is not worth a clean-up */
  memcpy(object->before, object->now, mine->size);
  for (size_t i = 0; i < mine->object_word_count; i++)
    memcpy(&object->words[i].value, object->now + mine->object_words[i], sizeof(void *));
  return object;
}

static bool words_fit(const rf_watched *what) {
  for (size_t i = 0; i < what->object_word_count; i++)
    if (what->size < sizeof(void *) || what->object_words[i] > what->size - sizeof(void *))
      return false;
  return true;
}

int rf_watch_open(const char *file, const char *build_id, const rf_watched *list, size_t count) {
  void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL); /* never closed: the objects stay watched */
  struct link_map *map = NULL;
  if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0) {
    PyErr_Format(PyExc_OSError, "cannot watch %s: %s", file, dlerror());
    return -1;
  }
  struct build_id found = {map->l_addr, map->l_name, ""};
  dl_iterate_phdr(find_build_id, &found);
  if (build_id && strcmp(found.hex, build_id) != 0) {
    PyErr_Format(PyExc_ValueError, "%s has the build id %s, the manifest was made for %s", file,
                 found.hex[0] ? found.hex : "(none)", build_id);
    return -1;
  }
  for (size_t i = 0; i < count; i++) {
    struct {
      ElfW(Addr) base;
      uintptr_t address;
      size_t size;
    } range = {map->l_addr, list[i].address, list[i].size};
    if (!dl_iterate_phdr(covers, &range) || !words_fit(&list[i])) {
      PyErr_Format(PyExc_ValueError, "%s: %s does not lie in the file", file, list[i].symbol);
      return -1;
    }
    watched_object *object = copy_object(&list[i], map->l_addr);
    if (!object) {
      PyErr_NoMemory();
      return -1;
    }
    pthread_mutex_lock(&lock);
    object->next = objects;
    objects = object;
    pthread_mutex_unlock(&lock);
  }
  return 0;
}

/* ---- Comparing, with the lock held ---------------------------------------------------------------------------- */

static void report(watched_object *object, rf_violation_kind kind, const char *step, long number, long owner,
                   size_t offset) {
  if (object->reported & 1u << kind)
    return;
  if (violation_count == violation_room) {
    size_t room = violation_room ? 2 * violation_room : 16;
    rf_violation *grown = realloc(violations, room * sizeof *grown);
    if (!grown)
      return;
    violations = grown;
    violation_room = room;
  }
  object->reported |= 1u << kind;
  violations[violation_count++] = (rf_violation){
      kind, &object->what, keep(step), visitors[number - 1].id, owner ? visitors[owner - 1].id : -1, offset};
}

/* Fields that Python itself writes in a type that is merely used. */
static bool is_python_own(size_t offset) {
  static const struct {
    size_t begin, end;
  } own[] = {
      {0, sizeof(PyObject)},
      {offsetof(PyTypeObject, tp_cache), offsetof(PyTypeObject, tp_del)}, /* with tp_subclasses and tp_weaklist */
      {offsetof(PyTypeObject, tp_version_tag), offsetof(PyTypeObject, tp_finalize)},
      {offsetof(PyTypeObject, tp_vectorcall) + sizeof(void *), sizeof(PyTypeObject)},
      {offsetof(PyTypeObject, tp_flags), offsetof(PyTypeObject, tp_doc)}, /* its valid-version bit */
  };
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    if (offset >= own[i].begin && offset < own[i].end)
      return true;
  return false;
}

/* Bytes at the front that the import system writes: a module definition's base. Its size tells it from other tables. */
static size_t bytes_of_the_import_system(const rf_watched *what) {
  return strcmp(what->kind, "api-table") == 0 && what->size == sizeof(PyModuleDef) ? sizeof(PyModuleDef_Base) : 0;
}

static void compare_bytes(watched_object *object, const char *step, long number) {
  bool type = is_type(&object->what);
  if (memcmp(object->now, object->before, object->what.size) == 0)
    return;
  for (size_t i = bytes_of_the_import_system(&object->what); i < object->what.size; i++)
    if (object->now[i] != object->before[i] && !(type && is_python_own(i))) {
      report(object, type ? RF_TYPE_MUTATED : RF_CHANGED, step, number, 0, i);
      break;
    }
  memcpy(object->before, object->now, object->what.size);
}

static bool is_static(void *value) {
  Dl_info info;
  return dladdr(value, &info) != 0;
}

/* The interpreter that put `value` into some other word, 0 where none did. */
static long owner_elsewhere(void *value, const watched_word *here) {
  for (watched_object *object = objects; object; object = object->next)
    for (size_t i = 0; i < object->what.object_word_count; i++)
      if (&object->words[i] != here && object->words[i].value == value && object->words[i].owner)
        return object->words[i].owner;
  return 0;
}

static void judge_owner(watched_object *object, const char *step, long number, const watched_word *word,
                        rf_violation_kind of_living, size_t offset) {
  if (word->owner && word->owner != number)
    report(object, visitors[word->owner - 1].dead ? RF_DEAD_OBJECT : of_living, step, number, word->owner, offset);
}

static void compare_words(watched_object *object, const char *step, long number) {
  for (size_t i = 0; i < object->what.object_word_count; i++) {
    watched_word *word = &object->words[i];
    size_t offset = object->what.object_words[i];
    void *value;
    memcpy(&value, object->now + offset, sizeof value);
    if (!value || is_static(value)) {
      *word = (watched_word){value, 0};
    } else if (value == word->value) {
      judge_owner(object, step, number, word, RF_SHARED_OBJECT, offset);
    } else {
      long elsewhere = owner_elsewhere(value, word);
      *word = (watched_word){value, elsewhere ? elsewhere : number};
      judge_owner(object, step, number, word, RF_FOREIGN_OBJECT, offset);
    }
  }
}

static void print_violations(size_t from) {
  for (size_t i = from; i < violation_count; i++)
    fprintf(stderr, "ringfence: %s: %s (%s, %s) at %s in interpreter %lld\n", rf_violation_name(violations[i].kind),
            violations[i].object->symbol, violations[i].object->source, violations[i].object->verdict,
            violations[i].step, (long long)violations[i].interpreter);
}

static void interpreter_ends(visitor *self) {
  if (!self->number) /* its init failed */
    return;
  pthread_mutex_lock(&lock);
  visitors[self->number - 1].dead = true;
  size_t before = violation_count;
  for (watched_object *object = objects; object && mode != RF_WATCH_OFF; object = object->next)
    for (size_t i = 0; i < object->what.object_word_count; i++) {
      void *value;
      memcpy(&value, object->now + object->what.object_words[i], sizeof value);
      if (value && value == object->words[i].value && object->words[i].owner == self->number)
        report(object, RF_DEAD_OBJECT, "interpreter-end", self->number, self->number, object->what.object_words[i]);
    }
  if (mode == RF_WATCH_ABORT && violation_count > before) {
    print_violations(before);
    abort();
  }
  pthread_mutex_unlock(&lock);
}

long rf_watch_step(const char *step) {
  visitor *self = RF_GET(watch);
  if (!self)
    return -1;
  pthread_mutex_lock(&lock);
  size_t before = violation_count;
  if (mode != RF_WATCH_OFF)
    for (watched_object *object = objects; object; object = object->next) {
      compare_bytes(object, step, self->number);
      compare_words(object, step, self->number);
    }
  long found = (long)(violation_count - before);
  if (found && mode == RF_WATCH_ABORT) {
    print_violations(before);
    abort();
  }
  const char *first = found ? violations[before].object->symbol : NULL;
  const char *name = found ? rf_violation_name(violations[before].kind) : NULL;
  bool raise = found && mode == RF_WATCH_RAISE;
  pthread_mutex_unlock(&lock);
  if (!raise)
    return found;
  PyErr_Format(PyExc_RuntimeError, "%s: %s%s", name, first, found > 1 ? " and others" : "");
  return -1;
}

void rf_watch_set_mode(rf_watch_mode wanted) {
  pthread_mutex_lock(&lock);
  mode = wanted;
  pthread_mutex_unlock(&lock);
}

size_t rf_watch_take(rf_violation *out, size_t room) {
  pthread_mutex_lock(&lock);
  size_t taken = violation_count < room ? violation_count : room;
  if (taken) {
    memcpy(out, violations, taken * sizeof *out);
    memmove(violations, violations + taken, (violation_count - taken) * sizeof *out);
    violation_count -= taken;
  }
  pthread_mutex_unlock(&lock);
  return taken;
}

const char *rf_violation_name(rf_violation_kind kind) {
  static const char *const names[] = {"changed", "type-mutated", "shared-object", "foreign-object", "dead-object"};
  return names[kind];
}
