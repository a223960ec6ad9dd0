/* See ringfence_watch.h. An object word's owner is the interpreter in whose step the word took its value: Python does
 * not say whose an object is. Values that point into a loaded file (static types, None) belong to the process and are
 * not judged. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "ringfence_watch.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch_files.h"

typedef struct {
  void *value;
  long owner; /* number of the interpreter, 0 where nobody is known to have put it there */
} watched_word;

typedef struct {
  rf_watched what;
  unsigned char *now, *before; /* its memory; a copy as of the last step */
  watched_word *words;
  unsigned reported; /* bit per rf_violation_kind */
} watched_object;

/* What rf_watch_open was given for one file, in one piece of memory. */
typedef struct watched_file {
  struct watched_file *next;
  size_t count;
  watched_object objects[];
} watched_file;

/* Interpreters by a number that is never used twice: ids begin again with each Py_Initialize. */
typedef struct {
  long number;
  int64_t id;
} visitor;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static rf_watch_mode mode = RF_WATCH_REPORT;
static watched_file *files;
static long last_number;
static struct {
  int64_t id;
  bool dead;
} * visitors;                    /* by number - 1 */
static rf_violation *violations; /* those before `taken` are with the caller */
static size_t violation_count, violation_room, taken;
static rf__ranges loaded; /* of all files, as of the last step */
static unsigned long long loaded_version[2];
static watched_word *owned; /* words that had an owner when the step began, sorted by value */
static size_t owned_count;

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

/* The words of a static type that hold objects, whatever the manifest says. */
static const size_t type_words[] = {offsetof(PyTypeObject, tp_base), offsetof(PyTypeObject, tp_dict),
                                    offsetof(PyTypeObject, tp_bases), offsetof(PyTypeObject, tp_mro)};

static bool is_type(const rf_watched *what) {
  return strcmp(what->kind, "static-type") == 0 && what->size >= sizeof(PyTypeObject);
}

static const char *copy_text(char **free_memory, const char *text) {
  char *copy = *free_memory;
  size_t size = text ? strlen(text) + 1 : 1;
  memcpy(copy, text ? text : "", size);
  *free_memory += size;
  return copy;
}

static size_t text_size(const rf_watched *what) {
  const char *const texts[] = {what->id, what->symbol, what->kind, what->verdict, what->source, what->advice};
  size_t size = 0;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    size += (texts[i] ? strlen(texts[i]) : 0) + 1;
  return size;
}

static size_t word_count(const rf_watched *what) {
  return is_type(what) ? sizeof type_words / sizeof *type_words : what->object_word_count;
}

/* The file's objects are in place, their words, offsets, bytes and texts follow, in the order of their alignment. */
static void fill_object(watched_object *object, const rf_watched *what, uintptr_t base, watched_word **words,
                        size_t **offsets, char **bytes) {
  rf_watched *mine = &object->what;
  *mine = *what;
  mine->object_word_count = word_count(what);
  mine->object_words = type_words;
  if (!is_type(what)) {
    mine->object_words = *offsets;
    for (size_t i = 0; i < mine->object_word_count; i++)
      *(*offsets)++ = what->object_words[i];
  }
  object->now = (unsigned char *)(base + what->address);
  object->before = (unsigned char *)*bytes;
  *bytes += mine->size;
  memcpy(object->before, object->now, mine->size);
  mine->id = copy_text(bytes, what->id);
  mine->symbol = copy_text(bytes, what->symbol);
  mine->kind = copy_text(bytes, what->kind);
  mine->verdict = copy_text(bytes, what->verdict);
  mine->source = copy_text(bytes, what->source);
  mine->advice = copy_text(bytes, what->advice);
  object->words = *words;
  *words += mine->object_word_count;
  for (size_t i = 0; i < mine->object_word_count; i++)
    memcpy(&object->words[i].value, object->now + mine->object_words[i], sizeof(void *));
}

/* NULL without memory. */
static watched_file *copy_objects(const rf_watched *list, size_t count, uintptr_t base) {
  size_t words = 0, offsets = 0, bytes = 0;
  for (size_t i = 0; i < count; i++) {
    words += word_count(&list[i]);
    offsets += is_type(&list[i]) ? 0 : list[i].object_word_count;
    bytes += list[i].size + text_size(&list[i]);
  }
  watched_file *file = calloc(1, sizeof *file + count * sizeof *file->objects + words * sizeof(watched_word) +
                                     offsets * sizeof(size_t) + bytes);
  if (!file)
    return NULL;
  file->count = count;
  watched_word *next_word = (watched_word *)(void *)(file->objects + count);
  size_t *next_offset = (size_t *)(void *)(next_word + words);
  char *next_byte = (char *)(next_offset + offsets);
  for (size_t i = 0; i < count; i++)
    fill_object(&file->objects[i], &list[i], base, &next_word, &next_offset, &next_byte);
  return file;
}

static bool words_fit(const rf_watched *what) {
  for (size_t i = 0; i < what->object_word_count; i++)
    if (what->size < sizeof(void *) || what->object_words[i] > what->size - sizeof(void *))
      return false;
  return true;
}

static bool check_objects(const char *path, const rf__file *file, const rf_watched *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!rf__covers(&file->mapped, file->base + list[i].address, list[i].size) || !words_fit(&list[i])) {
      PyErr_Format(PyExc_ValueError, "%s: %s does not lie in the file", path, list[i].symbol);
      return false;
    }
  return true;
}

int rf_watch_open(const char *path, const char *build_id, const rf_watched *list, size_t count) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* never closed: the objects stay watched */
  rf__file file;
  if (!handle || !rf__describe_file(handle, &file)) {
    const char *reason = dlerror();
    PyErr_Format(PyExc_OSError, "cannot watch %s: %s", path, reason ? reason : "no memory");
    return -1;
  }
  watched_file *watched = NULL;
  if (build_id && strcmp(file.build_id, build_id) != 0)
    PyErr_Format(PyExc_ValueError, "%s has the build id %s, the manifest was made for %s", path,
                 file.build_id[0] ? file.build_id : "(none)", build_id);
  else if (check_objects(path, &file, list, count) && !(watched = copy_objects(list, count, file.base)))
    PyErr_NoMemory();
  free(file.mapped.items);
  if (!watched)
    return -1;
  pthread_mutex_lock(&lock);
  watched->next = files;
  files = watched;
  pthread_mutex_unlock(&lock);
  return 0;
}

/* ---- Comparing, with the lock held ---------------------------------------------------------------------------- */

/* Steps have few names, and one after another has the same. */
static const char *keep(const char *step) {
  static const char *last;
  if (!last || strcmp(last, step) != 0)
    last = strdup(step);
  return last ? last : "";
}

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

static int by_value(const void *one, const void *other) {
  const watched_word *a = one, *b = other;
  if (a->value != b->value)
    return (uintptr_t)a->value < (uintptr_t)b->value ? -1 : 1;
  return (a->owner > b->owner) - (a->owner < b->owner);
}

#define EACH_OBJECT(object)                                                                                            \
  for (watched_file *file = files; file; file = file->next)                                                            \
    for (watched_object *object = file->objects; object < file->objects + file->count; object++)

static void list_owned(void) {
  size_t room = 1;
  EACH_OBJECT(object)
  room += object->what.object_word_count;
  owned = malloc(room * sizeof *owned);
  owned_count = 0;
  EACH_OBJECT(object)
  for (size_t i = 0; owned && i < object->what.object_word_count; i++)
    if (object->words[i].owner)
      owned[owned_count++] = object->words[i];
  if (owned)
    qsort(owned, owned_count, sizeof *owned, by_value);
}

/* The interpreter that had put `value` into some word before this step, 0 where none had. */
static long owner_elsewhere(void *value) {
  size_t low = 0, high = owned_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if ((uintptr_t)owned[middle].value < (uintptr_t)value)
      low = middle + 1;
    else
      high = middle;
  }
  return low < owned_count && owned[low].value == value ? owned[low].owner : 0;
}

static void judge_owner(watched_object *object, const char *step, long number, const watched_word *word,
                        rf_violation_kind of_living, size_t offset) {
  if (word->owner && word->owner != number)
    report(object, visitors[word->owner - 1].dead ? RF_DEAD_OBJECT : of_living, step, number, word->owner, offset);
}

static void take_value(watched_object *object, const char *step, long number, size_t i, void *value) {
  watched_word *word = &object->words[i];
  *word = (watched_word){value, 0};
  if (!value || rf__covers(&loaded, (uintptr_t)value, 1)) /* an object of the process */
    return;
  long elsewhere = owner_elsewhere(value);
  word->owner = elsewhere ? elsewhere : number;
  judge_owner(object, step, number, word, RF_FOREIGN_OBJECT, object->what.object_words[i]);
}

static void compare_words(watched_object *object, const char *step, long number) {
  for (size_t i = 0; i < object->what.object_word_count; i++) {
    void *value;
    memcpy(&value, object->now + object->what.object_words[i], sizeof value);
    if (value != object->words[i].value)
      take_value(object, step, number, i, value);
    else
      judge_owner(object, step, number, &object->words[i], RF_SHARED_OBJECT, object->what.object_words[i]);
  }
}

static void compare_all(const char *step, long number) {
  rf__list_loaded(&loaded, loaded_version);
  list_owned();
  EACH_OBJECT(object) {
    compare_bytes(object, step, number);
    compare_words(object, step, number);
  }
  free(owned);
  owned = NULL;
  owned_count = 0;
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
  EACH_OBJECT(object)
  for (size_t i = 0; mode != RF_WATCH_OFF && i < object->what.object_word_count; i++) {
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
    compare_all(step, self->number);
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
  size_t count = violation_count - taken < room ? violation_count - taken : room;
  if (count)
    memcpy(out, violations + taken, count * sizeof *out);
  taken += count;
  if (taken == violation_count)
    taken = violation_count = 0;
  pthread_mutex_unlock(&lock);
  return count;
}

const char *rf_violation_name(rf_violation_kind kind) {
  static const char *const names[] = {"changed", "type-mutated", "shared-object", "foreign-object", "dead-object"};
  return names[kind];
}
