// Values to messages. What belongs to the sender's interpreter is copied; nothing of it is referred to.
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "values.h"
#include "values_tags.h"

// Where in the value we are, for messages: value[2][0].
typedef struct place {
  const struct place *outer;
  Py_ssize_t index; // -1: in a frozenset, -2: what a conversion returned
} place;

typedef struct {
  outgoing *out;
  buffer_mode mode;
} encoder;

static int encode(encoder *self, PyObject *value, const place *at);

static int append(encoder *self, const void *data, size_t size) {
  if (rf_message_append(&self->out->message, data, size) == 0)
    return 0;
  PyErr_NoMemory();
  return -1;
}

static int append_tag(encoder *self, char tag) { return append(self, &tag, 1); }

static int append_number(encoder *self, uint64_t number) { return append(self, &number, sizeof number); }

static int append_counted(encoder *self, const char *data, Py_ssize_t size) {
  return append_number(self, (uint64_t)size) < 0 ? -1 : append(self, data, (size_t)size);
}

// Takes the caller's reference.
static int append_reference(encoder *self, void *shared) {
  long index = rf_message_refer(self->out->message, shared);
  if (index >= 0)
    return append_number(self, (uint64_t)index);
  PyErr_NoMemory();
  return -1;
}

// ---- What cannot be passed ----

static PyObject *name_of(const place *at) {
  if (!at)
    return PyUnicode_FromString("value");
  PyObject *outer = name_of(at->outer);
  PyObject *name = !outer            ? NULL
                   : at->index >= 0  ? PyUnicode_FromFormat("%U[%zd]", outer, at->index)
                   : at->index == -1 ? PyUnicode_FromFormat("an item of %U", outer)
                                     : PyUnicode_FromFormat("what %U is converted to", outer);
  Py_XDECREF(outer);
  return name;
}

static int refuse(PyObject *error, PyObject *value, const place *at, const char *why) {
  PyObject *name = name_of(at);
  PyObject *type = name ? PyObject_GetAttrString((PyObject *)Py_TYPE(value), "__qualname__") : NULL;
  if (type)
    PyErr_Format(error, "%U of type %U cannot be passed: %s", name, type, why);
  Py_XDECREF(type);
  Py_XDECREF(name);
  return -1;
}

// ---- Numbers and text ----

static int encode_int(encoder *self, PyObject *value) {
  int overflow;
  long long small = PyLong_AsLongLongAndOverflow(value, &overflow);
  if (!overflow) {
    int64_t number = small;
    return append_tag(self, TAG_SMALL_INT) < 0 ? -1 : append(self, &number, sizeof number);
  }
  PyObject *digits = PyNumber_ToBase(value, 16); // linear, and without Python's limit on digits
  Py_ssize_t size;
  const char *text = digits ? PyUnicode_AsUTF8AndSize(digits, &size) : NULL;
  int result = text && append_tag(self, TAG_INT) == 0 ? append_counted(self, text, size) : -1;
  Py_XDECREF(digits);
  return result;
}

static int encode_complex(encoder *self, PyObject *value) {
  Py_complex number = PyComplex_AsCComplex(value);
  double parts[] = {number.real, number.imag};
  return append_tag(self, TAG_COMPLEX) < 0 ? -1 : append(self, parts, sizeof parts);
}

static int encode_float(encoder *self, PyObject *value) {
  double number = PyFloat_AS_DOUBLE(value);
  return append_tag(self, TAG_FLOAT) < 0 ? -1 : append(self, &number, sizeof number);
}

static int encode_str(encoder *self, PyObject *value) {
#if PY_VERSION_HEX < 0x030C0000
  if (PyUnicode_READY(value) < 0)
    return -1;
#endif
  char kind = (char)PyUnicode_KIND(value);
  Py_ssize_t count = PyUnicode_GET_LENGTH(value);
  if (append_tag(self, TAG_STR) < 0 || append(self, &kind, 1) < 0 || append_number(self, (uint64_t)count) < 0)
    return -1;
  return append(self, PyUnicode_DATA(value), (size_t)count * (size_t)kind);
}

static int encode_tuple(encoder *self, PyObject *value, const place *at) {
  Py_ssize_t count = PyTuple_GET_SIZE(value);
  if (append_tag(self, TAG_TUPLE) < 0 || append_number(self, (uint64_t)count) < 0)
    return -1;
  for (Py_ssize_t i = 0; i < count; i++)
    if (encode(self, PyTuple_GET_ITEM(value, i), &(place){at, i}) < 0)
      return -1;
  return 0;
}

static int encode_frozenset(encoder *self, PyObject *value, const place *at) {
  if (append_tag(self, TAG_FROZENSET) < 0 || append_number(self, (uint64_t)PySet_GET_SIZE(value)) < 0)
    return -1;
  PyObject *iterator = PyObject_GetIter(value);
  int result = iterator ? 0 : -1;
  for (PyObject *item; result == 0 && (item = PyIter_Next(iterator)); Py_DECREF(item))
    result = encode(self, item, &(place){at, -1});
  Py_XDECREF(iterator);
  return PyErr_Occurred() ? -1 : result;
}

// ---- Buffers ----

enum { FORMAT_LIMIT = 511 }; // characters

// Takes the caller's reference to `block`.
static int append_buffer(encoder *self, rf_block *block, const layout *of) {
  bool too_long = strlen(of->format) > FORMAT_LIMIT;
  if (too_long)
    PyErr_SetString(PyExc_TypeError, "a buffer with so long a format cannot be passed");
  if (too_long || append_tag(self, TAG_BUFFER) < 0) {
    rf_release(block);
    return -1;
  }
  const uint64_t numbers[] = {(uint64_t)of->offset, (uint64_t)of->itemsize, (uint64_t)of->bytes,
                              (uint64_t)of->dimensions};
  size_t words = (size_t)of->dimensions * sizeof(Py_ssize_t);
  if (append_reference(self, block) < 0 || append(self, numbers, sizeof numbers) < 0 ||
      append(self, of->shape, words) < 0 || append(self, of->strides, words) < 0)
    return -1;
  return append_counted(self, of->format, (Py_ssize_t)strlen(of->format));
}

static int append_own_buffer(encoder *self, PyObject *buffer) {
  layout of;
  rf_block *block = rf_buffer_block(buffer, &of);
  if (!block)
    return -1;
  rf_retain(block);
  return append_buffer(self, block, &of);
}

// To be undone or made final by rf_outgoing_end.
static int note_moving(encoder *self, PyObject *object) {
  if (!self->out->moving && !(self->out->moving = PyList_New(0)))
    return -1;
  return PyList_Append(self->out->moving, object);
}

static int encode_copy(encoder *self, const Py_buffer *view, bool frozen) {
  rf_block *block = rf_block_new((size_t)view->len);
  if (!block) {
    PyErr_NoMemory();
    return -1;
  }
  char order = PyBuffer_IsContiguous(view, 'F') && !PyBuffer_IsContiguous(view, 'C') ? 'F' : 'C';
  Py_ssize_t strides[PyBUF_MAX_NDIM];
  PyBuffer_FillContiguousStrides(view->ndim, view->shape, strides, (int)view->itemsize, order);
  if (PyBuffer_ToContiguous(block->data, (Py_buffer *)(uintptr_t)view, view->len, order) < 0) {
    rf_release(block);
    return -1;
  }
  block->read_only = frozen;
  return append_buffer(
      self, block,
      &(layout){0, view->itemsize, view->len, view->ndim, view->shape, strides, view->format ? view->format : "B"});
}

// A view of a frozen Buffer needs no copy: it is the same memory elsewhere.
static int encode_view_of_frozen(encoder *self, PyObject *base, const Py_buffer *view) {
  layout whole;
  rf_block *block = rf_buffer_block(base, &whole);
  if (!block)
    return -1;
  rf_retain(block);
  return append_buffer(self, block,
                       &(layout){(char *)view->buf - block->data, view->itemsize, view->len, view->ndim, view->shape,
                                 view->strides, view->format ? view->format : "B"});
}

// Whether a format of the struct module, extended as NumPy has it, has pointers to objects; names stand between colons.
static bool has_objects(const char *format) {
  bool in_name = false;
  for (; format && *format; format++)
    if (*format == ':')
      in_name = !in_name;
    else if (*format == 'O' && !in_name)
      return true;
  return false;
}

static int encode_foreign_buffer(encoder *self, PyObject *value, buffer_mode mode, const place *at) {
  bool emptied = mode == BUFFER_MOVE && PyByteArray_CheckExact(value);
  if (mode == BUFFER_MOVE && !emptied)
    return refuse(PyExc_TypeError, value, at,
                  "only a Buffer or a bytearray owns memory that can be moved; share or copy it");
  if (emptied && ((PyByteArrayObject *)value)->ob_exports)
    return refuse(PyExc_BufferError, value, at, "views of it exist");
  Py_buffer view;
  if (PyObject_GetBuffer(value, &view, PyBUF_FULL_RO) < 0)
    return -1;
  PyObject *base = PyMemoryView_Check(value) ? PyMemoryView_GET_BASE(value) : NULL;
  int result;
  if (has_objects(view.format))
    result = refuse(PyExc_TypeError, value, at, "its items are objects of this interpreter");
  else if (mode == BUFFER_SHARE && base && Py_IS_TYPE(base, STATE()->buffer) && rf_buffer_is_frozen(base) &&
           !view.suboffsets)
    result = encode_view_of_frozen(self, base, &view);
  else
    result = encode_copy(self, &view, mode == BUFFER_SHARE);
  PyBuffer_Release(&view);
  return result == 0 && emptied ? note_moving(self, value) : result;
}

static int encode_buffer(encoder *self, PyObject *value, buffer_mode mode, const place *at) {
  if (!Py_IS_TYPE(value, STATE()->buffer))
    return encode_foreign_buffer(self, value, mode, at);
  if (mode == BUFFER_SHARE && rf_buffer_freeze(value) < 0)
    return -1;
  if (rf_buffer_is_frozen(value)) // memory that nobody writes is everybody's
    return append_own_buffer(self, value);
  if (mode == BUFFER_COPY)
    return encode_foreign_buffer(self, value, mode, at);
  if (rf_buffer_begin_move(value) < 0)
    return -1;
  if (note_moving(self, value) < 0) {
    rf_buffer_end_move(value, false);
    return -1;
  }
  return append_own_buffer(self, value);
}

// ---- Other objects ----

static int encode_pickle(encoder *self, PyObject *value) {
  PyObject *module = PyImport_ImportModule("pickle");
  PyObject *bytes = module ? PyObject_CallMethod(module, "dumps", "Oi", value, -1) : NULL;
  int result = bytes && append_tag(self, TAG_PICKLE) == 0
                   ? append_counted(self, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes))
                   : -1;
  Py_XDECREF(bytes);
  Py_XDECREF(module);
  return result;
}

static int encode_mark(encoder *self, PyObject *value, const place *at) {
  const mark_object *mark = (mark_object *)value;
  if (mark->pickle)
    return encode_pickle(self, mark->object);
  if (!PyObject_CheckBuffer(mark->object))
    return refuse(PyExc_TypeError, mark->object, at, "it is no buffer that could be moved, shared or copied");
  if (mark->mode == BUFFER_COPY) // whose it is, may write it
    return encode_foreign_buffer(self, mark->object, BUFFER_COPY, at);
  return encode_buffer(self, mark->object, (buffer_mode)mark->mode, at);
}

// `converted` is stolen, `name` borrowed; either may be NULL with an exception.
static int append_converted(encoder *self, PyObject *name, PyObject *converted, const place *at) {
  Py_ssize_t size;
  const char *text = name && converted ? PyUnicode_AsUTF8AndSize(name, &size) : NULL;
  int result = text && append_tag(self, TAG_CONVERTED) == 0 && append_counted(self, text, size) == 0
                   ? encode(self, converted, &(place){at, -2})
                   : -1;
  Py_XDECREF(converted);
  return result;
}

// By a registered conversion, or the type's own __shared__ and __from_shared__. 1 where it has neither.
static int encode_converted(encoder *self, PyObject *value, const place *at) {
  PyTypeObject *type = Py_TYPE(value);
  PyObject *pair = PyDict_GetItemWithError(STATE()->conversions, (PyObject *)type);
  if (pair)
    return append_converted(self, PyTuple_GET_ITEM(pair, 1),
                            PyObject_CallFunctionObjArgs(PyTuple_GET_ITEM(pair, 0), value, NULL), at);
  if (PyErr_Occurred())
    return -1;
  PyObject *own = PyObject_GetAttrString((PyObject *)type, "__shared__");
  if (!own) {
    if (!PyErr_ExceptionMatches(PyExc_AttributeError))
      return -1;
    PyErr_Clear();
    return 1;
  }
  Py_DECREF(own);
  PyObject *module = PyObject_GetAttrString((PyObject *)type, "__module__");
  PyObject *qualified = module ? PyObject_GetAttrString((PyObject *)type, "__qualname__") : NULL;
  PyObject *name = qualified ? PyUnicode_FromFormat("%U:%U.__from_shared__", module, qualified) : NULL;
  int result = name ? append_converted(self, name, PyObject_CallMethod(value, "__shared__", NULL), at) : -1;
  Py_XDECREF(name);
  Py_XDECREF(qualified);
  Py_XDECREF(module);
  return result;
}

static int encode_channel(encoder *self, PyObject *value) {
  int sides;
  rf_channel *channel = rf_channel_of(value, 0, &sides);
  rf_retain(channel);
  if (append_tag(self, TAG_CHANNEL) < 0) {
    rf_release(channel);
    return -1;
  }
  return append_reference(self, channel) < 0 ? -1 : append_number(self, (uint64_t)sides);
}

static int encode_network(encoder *self, PyObject *value) {
  rf_network *network = rf_network_of(value);
  rf_retain(network);
  if (append_tag(self, TAG_NETWORK) < 0) {
    rf_release(network);
    return -1;
  }
  return append_reference(self, network);
}

static int encode_object(encoder *self, PyObject *value, const place *at) {
  const rf_python *state = STATE();
  if (Py_IS_TYPE(value, state->mark))
    return encode_mark(self, value, at);
  if (Py_IS_TYPE(value, state->channel))
    return encode_channel(self, value);
  if (Py_IS_TYPE(value, state->network))
    return encode_network(self, value);
  int converted = encode_converted(self, value, at);
  if (converted <= 0)
    return converted;
  if (PyObject_CheckBuffer(value))
    return encode_buffer(self, value, self->mode, at);
  return refuse(PyExc_TypeError, value, at,
                "there are None, bool, int, float, complex, str, bytes, tuples and frozensets of these, buffers, "
                "channels, types that register a conversion, and pickled(...)");
}

static int encode(encoder *self, PyObject *value, const place *at) {
  if (value == Py_None)
    return append_tag(self, TAG_NONE);
  if (PyBool_Check(value))
    return append_tag(self, value == Py_True ? TAG_TRUE : TAG_FALSE);
  if (PyLong_CheckExact(value))
    return encode_int(self, value);
  if (PyUnicode_CheckExact(value))
    return encode_str(self, value);
  if (PyBytes_CheckExact(value))
    return append_tag(self, TAG_BYTES) < 0 ? -1
                                           : append_counted(self, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value));
  if (PyFloat_CheckExact(value))
    return encode_float(self, value);
  if (PyComplex_CheckExact(value))
    return encode_complex(self, value);
  if (Py_EnterRecursiveCall(" while a value is passed"))
    return -1;
  int result = PyTuple_CheckExact(value)       ? encode_tuple(self, value, at)
               : PyFrozenSet_CheckExact(value) ? encode_frozenset(self, value, at)
                                               : encode_object(self, value, at);
  Py_LeaveRecursiveCall();
  return result;
}

// ---- From outside ----

int rf_encode(PyObject *value, buffer_mode mode, outgoing *out) {
  Py_ssize_t hint = PyBytes_CheckExact(value) ? PyBytes_GET_SIZE(value) : 64;
  *out = (outgoing){rf_message_new((size_t)hint + 32), NULL};
  if (!out->message) {
    PyErr_NoMemory();
    return -1;
  }
  encoder self = {out, mode};
  if (encode(&self, value, NULL) == 0)
    return 0;
  rf_outgoing_end(out, false);
  return -1;
}

void rf_outgoing_end(outgoing *out, bool sent) {
  rf_message_free(out->message);
  out->message = NULL;
  if (!out->moving)
    return;
  PyObject *type, *error, *traceback;
  PyErr_Fetch(&type, &error, &traceback);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(out->moving); i++) {
    PyObject *object = PyList_GET_ITEM(out->moving, i);
    if (!PyByteArray_CheckExact(object))
      rf_buffer_end_move(object, sent);
    else if (sent && PyByteArray_Resize(object, 0) < 0)
      PyErr_WriteUnraisable(object); // a view of it was taken since
  }
  Py_CLEAR(out->moving);
  PyErr_Restore(type, error, traceback);
}

int rf_buffer_mode(const char *name, buffer_mode *mode) {
  static const char *const names[] = {"copy", "move", "share"};
  for (int i = 0; i < 3; i++)
    if (!strcmp(name, names[i])) {
      *mode = (buffer_mode)i;
      return 0;
    }
  PyErr_Format(PyExc_ValueError, "buffers are passed by copy, move or share, not by '%s'", name);
  return -1;
}
