/* Reads a manifest with Python's own json module and opens the watch on what it lists for one file. */
#include <stdlib.h>
#include <string.h>

#include "ringfence_watch.h"

#define SCHEMA "ringfence-manifest/2"
#define OLD_SCHEMA "ringfence-manifest/1" /* without counts and digest */
#define BEFORE_DIGEST ",\n \"digest\": \""
#define AFTER_DIGEST "\"\n}\n"
#define DIGITS 40

/* What a method of a module returns; NULL with an exception. Takes the reference to `argument`, which may be NULL after
 * an exception. */
static PyObject *call(const char *module, const char *function, PyObject *argument) {
  PyObject *home = argument ? PyImport_ImportModule(module) : NULL;
  PyObject *result = home ? PyObject_CallMethod(home, function, "O", argument) : NULL;
  Py_XDECREF(home);
  Py_XDECREF(argument);
  return result;
}

/* The bytes of a file; NULL with an exception. */
static PyObject *load_bytes(const char *file) {
  PyObject *io = PyImport_ImportModule("io");
  PyObject *stream = io ? PyObject_CallMethod(io, "open", "ss", file, "rb") : NULL;
  PyObject *bytes = stream ? PyObject_CallMethod(stream, "read", NULL) : NULL;
  Py_XDECREF(stream); /* which closes it */
  Py_XDECREF(io);
  return bytes;
}

/* Whether the digest at the end is that of all bytes before it, as `git hash-object` has it; -1 with an exception. */
static int is_whole(PyObject *bytes) {
  const size_t around = strlen(BEFORE_DIGEST) + DIGITS + strlen(AFTER_DIGEST), size = (size_t)PyBytes_Size(bytes);
  if (size < around)
    return 0;
  const char *begin = PyBytes_AsString(bytes), *end = begin + size - around, *digest = end + strlen(BEFORE_DIGEST);
  if (memcmp(end, BEFORE_DIGEST, strlen(BEFORE_DIGEST)) != 0 ||
      memcmp(digest + DIGITS, AFTER_DIGEST, strlen(AFTER_DIGEST)) != 0)
    return 0;
  const Py_ssize_t length = end - begin;
  PyObject *blob = PyBytes_FromFormat("blob %zd%c", length, 0);
  if (blob)
    PyBytes_ConcatAndDel(&blob, PyBytes_FromStringAndSize(begin, length));
  PyObject *hash = call("hashlib", "sha1", blob), *hex = hash ? PyObject_CallMethod(hash, "hexdigest", NULL) : NULL;
  const char *found = hex ? PyUnicode_AsUTF8(hex) : NULL;
  const int same = found ? strlen(found) == DIGITS && memcmp(found, digest, DIGITS) == 0 : -1;
  Py_XDECREF(hex);
  Py_XDECREF(hash);
  return same;
}

/* A member of a JSON object (borrowed), NULL where it is absent or null. */
static PyObject *member(PyObject *object, const char *key) {
  PyObject *value = PyDict_Check(object) ? PyDict_GetItemString(object, key) : NULL;
  return value == Py_None ? NULL : value;
}

/* A string member, "" where it is absent; NULL with an exception where it is something else. */
static const char *text(PyObject *object, const char *key) {
  PyObject *value = member(object, key);
  return value ? PyUnicode_AsUTF8(value) : "";
}

static int read_words(PyObject *list, rf_watched *out) {
  if (!list)
    return 0;
  if (!PyList_Check(list)) {
    PyErr_SetString(PyExc_TypeError, "object_words is no list");
    return -1;
  }
  Py_ssize_t count = PyList_Size(list);
  size_t *words = malloc((size_t)(count + 1) * sizeof *words);
  if (!words) {
    PyErr_NoMemory();
    return -1;
  }
  for (Py_ssize_t i = 0; i < count; i++)
    words[i] = PyLong_AsSize_t(PyList_GetItem(list, i));
  out->object_words = words;
  out->object_word_count = (size_t)count;
  return PyErr_Occurred() ? -1 : 0;
}

/* The strings are borrowed from the document. */
static int read_object(PyObject *entry, rf_watched *out) {
  PyObject *address = member(entry, "address"), *size = member(entry, "size");
  if (!address || !size) {
    PyErr_SetString(PyExc_ValueError, "an object of the manifest has no address or size");
    return -1;
  }
  out->id = text(entry, "id");
  out->symbol = text(entry, "symbol");
  out->kind = text(entry, "kind");
  out->verdict = text(entry, "verdict");
  out->source = text(entry, "source");
  out->advice = text(entry, "advice");
  out->address = PyLong_AsSize_t(address);
  out->size = PyLong_AsSize_t(size);
  return PyErr_Occurred() ? -1 : read_words(member(entry, "object_words"), out);
}

/* Thread-locals have no one address; they are left out. */
static long open_objects(const char *file, const char *build_id, PyObject *list) {
  if (!list || !PyList_Check(list)) {
    PyErr_SetString(PyExc_ValueError, "a file of the manifest has no list of objects");
    return -1;
  }
  Py_ssize_t count = PyList_Size(list);
  rf_watched *objects = calloc((size_t)count + 1, sizeof *objects);
  size_t used = 0;
  int failed = !objects;
  for (Py_ssize_t i = 0; i < count && !failed; i++) {
    PyObject *entry = PyList_GetItem(list, i);
    if (member(entry, "thread_local") != Py_True)
      failed = read_object(entry, &objects[used++]) < 0;
  }
  if (!failed)
    failed = rf_watch_open(file, build_id[0] ? build_id : NULL, objects, used) < 0;
  for (size_t i = 0; objects && i < used; i++)
    free((void *)objects[i].object_words);
  free(objects);
  if (failed && !PyErr_Occurred())
    PyErr_NoMemory();
  return failed ? -1 : (long)used;
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* The list of files (borrowed); NULL with an exception where this is no manifest, or no whole one. */
static PyObject *files_of(PyObject *document, PyObject *bytes, const char *manifest) {
  const char *schema = text(document, "schema");
  PyObject *files = member(document, "files");
  if (!schema)
    return NULL;
  const int old = strcmp(schema, OLD_SCHEMA) == 0;
  if ((!old && strcmp(schema, SCHEMA) != 0) || !files || !PyList_Check(files)) {
    PyErr_Format(PyExc_ValueError, "%s is no manifest of the version " SCHEMA, manifest);
    return NULL;
  }
  const int whole = old ? 1 : is_whole(bytes);
  if (whole == 0)
    PyErr_Format(PyExc_ValueError, "%s was cut or changed after it was written (its digest is another)", manifest);
  return whole == 1 ? files : NULL;
}

long rf_watch_manifest(const char *manifest, const char *file) {
  PyObject *bytes = load_bytes(manifest);
  Py_XINCREF(bytes);
  PyObject *document = call("json", "loads", bytes), *files = document ? files_of(document, bytes, manifest) : NULL;
  long watched = 0;
  for (Py_ssize_t i = 0; files && !PyErr_Occurred() && i < PyList_Size(files); i++) {
    PyObject *entry = PyList_GetItem(files, i);
    const char *name = text(entry, "file"), *build_id = text(entry, "build_id");
    if (name && build_id && strcmp(base_name(name), base_name(file)) == 0) {
      long opened = open_objects(file, build_id, member(entry, "objects"));
      watched += opened > 0 ? opened : 0;
    }
  }
  Py_XDECREF(document);
  Py_XDECREF(bytes);
  return PyErr_Occurred() ? -1 : watched;
}
