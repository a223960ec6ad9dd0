// Messages to values of the current interpreter.
#define PY_SSIZE_T_CLEAN
#include <stdint.h>
#include <string.h>

#include "values.h"
#include "values_tags.h"

typedef struct {
  const rf_message *message;
  size_t at;
} decoder;

static PyObject *decode(decoder *self);

static PyObject *broken(void) {
  PyErr_SetString(PyExc_SystemError, "a message is no Python value: C code sent it without rf_message_of_bytes");
  return NULL;
}

// The next `size` bytes; NULL with an exception where there are fewer.
static const char *take(decoder *self, size_t size) {
  if (size > self->message->size - self->at)
    return (const char *)broken();
  self->at += size;
  return self->message->data + self->at - size;
}

static int take_number(decoder *self, uint64_t *number) {
  const char *data = take(self, sizeof *number);
  if (data)
    memcpy(number, data, sizeof *number);
  return data ? 0 : -1;
}

static const char *take_counted(decoder *self, uint64_t *count) {
  return take_number(self, count) < 0 ? NULL : take(self, (size_t)*count);
}

// A new reference.
static void *take_reference(decoder *self, rf_kind kind) {
  uint64_t index;
  if (take_number(self, &index) < 0)
    return NULL;
  if (index >= self->message->reference_count || self->message->references[index]->kind != kind)
    return broken();
  rf_retain(self->message->references[index]);
  return self->message->references[index];
}

static PyObject *decode_int(decoder *self) {
  uint64_t count;
  const char *digits = take_counted(self, &count);
  char *text = digits ? PyMem_Malloc((size_t)count + 1) : NULL;
  if (!text)
    return digits ? PyErr_NoMemory() : NULL;
  memcpy(text, digits, (size_t)count);
  text[count] = 0;
  PyObject *number = PyLong_FromString(text, NULL, 16);
  PyMem_Free(text);
  return number;
}

static PyObject *decode_str(decoder *self) {
  const char *kind = take(self, 1);
  uint64_t count;
  if (!kind || take_number(self, &count) < 0)
    return NULL;
  if (count > self->message->size || (*kind != 1 && *kind != 2 && *kind != 4))
    return broken();
  const char *data = take(self, (size_t)count * (size_t)*kind);
  if (!data || (uintptr_t)data % (size_t)*kind == 0)
    return data ? PyUnicode_FromKindAndData(*kind, data, (Py_ssize_t)count) : NULL;
  char *aligned = PyMem_Malloc((size_t)count * (size_t)*kind + 1);
  if (!aligned)
    return PyErr_NoMemory();
  memcpy(aligned, data, (size_t)count * (size_t)*kind);
  PyObject *text = PyUnicode_FromKindAndData(*kind, aligned, (Py_ssize_t)count);
  PyMem_Free(aligned);
  return text;
}

static PyObject *decode_items(decoder *self) {
  uint64_t count;
  if (take_number(self, &count) < 0)
    return NULL;
  if (count > self->message->size)
    return broken();
  PyObject *tuple = PyTuple_New((Py_ssize_t)count);
  for (uint64_t i = 0; tuple && i < count; i++) {
    PyObject *item = decode(self);
    if (item)
      PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, item);
    else
      Py_CLEAR(tuple);
  }
  return tuple;
}

static PyObject *decode_frozenset(decoder *self) {
  PyObject *items = decode_items(self);
  PyObject *set = items ? PyFrozenSet_New(items) : NULL;
  Py_XDECREF(items);
  return set;
}

static PyObject *decode_buffer(decoder *self) {
  rf_block *block = take_reference(self, RF_KIND_BLOCK);
  const char *head = block ? take(self, 4 * sizeof(uint64_t)) : NULL;
  uint64_t numbers[4], length;
  if (head)
    memcpy(numbers, head, sizeof numbers);
  if (!head || numbers[3] > PyBUF_MAX_NDIM) {
    rf_release(block);
    return head ? broken() : NULL;
  }
  Py_ssize_t shape[PyBUF_MAX_NDIM], strides[PyBUF_MAX_NDIM];
  size_t words = (size_t)numbers[3] * sizeof(Py_ssize_t);
  const char *shapes = take(self, words), *stridden = take(self, words);
  const char *text = shapes && stridden ? take_counted(self, &length) : NULL;
  char format[512]; // as values_encode.c limits it
  if (!text || length >= sizeof format) {
    rf_release(block);
    return text ? broken() : NULL;
  }
  memcpy(shape, shapes, words);
  memcpy(strides, stridden, words);
  memcpy(format, text, (size_t)length);
  format[length] = 0;
  return rf_buffer_new(block, &(layout){(Py_ssize_t)numbers[0], (Py_ssize_t)numbers[1], (Py_ssize_t)numbers[2],
                                        (int)numbers[3], shape, strides, format});
}

static PyObject *decode_channel(decoder *self) {
  uint64_t sides;
  rf_channel *channel = take_reference(self, RF_KIND_CHANNEL);
  if (channel && take_number(self, &sides) == 0)
    return rf_channel_object(channel, (int)sides);
  rf_release(channel);
  return NULL;
}

static PyObject *decode_converted(decoder *self) {
  uint64_t count;
  const char *name = take_counted(self, &count);
  PyObject *rebuild = name ? PyObject_CallFunction(STATE()->resolve, "s#", name, (Py_ssize_t)count) : NULL;
  PyObject *value = rebuild ? decode(self) : NULL;
  PyObject *result = value ? PyObject_CallFunctionObjArgs(rebuild, value, NULL) : NULL;
  Py_XDECREF(value);
  Py_XDECREF(rebuild);
  return result;
}

static PyObject *decode_pickle(decoder *self) {
  uint64_t count;
  const char *data = take_counted(self, &count);
  PyObject *module = data ? PyImport_ImportModule("pickle") : NULL;
  PyObject *value = module ? PyObject_CallMethod(module, "loads", "y#", data, (Py_ssize_t)count) : NULL;
  Py_XDECREF(module);
  return value;
}

static PyObject *decode_number(decoder *self, char tag) {
  double parts[2];
  int64_t number;
  const char *data = take(self, tag == TAG_COMPLEX ? sizeof parts : sizeof number);
  if (!data)
    return NULL;
  if (tag == TAG_SMALL_INT) {
    memcpy(&number, data, sizeof number);
    return PyLong_FromLongLong(number);
  }
  memcpy(parts, data, tag == TAG_COMPLEX ? sizeof parts : sizeof *parts);
  return tag == TAG_COMPLEX ? PyComplex_FromDoubles(parts[0], parts[1]) : PyFloat_FromDouble(parts[0]);
}

static PyObject *decode_tag(decoder *self, char tag) {
  uint64_t count;
  const char *data;
  rf_network *network;
  switch (tag) {
  case TAG_NONE:
    Py_RETURN_NONE;
  case TAG_TRUE:
    Py_RETURN_TRUE;
  case TAG_FALSE:
    Py_RETURN_FALSE;
  case TAG_SMALL_INT:
  case TAG_FLOAT:
  case TAG_COMPLEX:
    return decode_number(self, tag);
  case TAG_INT:
    return decode_int(self);
  case TAG_STR:
    return decode_str(self);
  case TAG_BYTES:
    data = take_counted(self, &count);
    return data ? PyBytes_FromStringAndSize(data, (Py_ssize_t)count) : NULL;
  case TAG_TUPLE:
    return decode_items(self);
  case TAG_FROZENSET:
    return decode_frozenset(self);
  case TAG_BUFFER:
    return decode_buffer(self);
  case TAG_CHANNEL:
    return decode_channel(self);
  case TAG_NETWORK:
    network = take_reference(self, RF_KIND_NETWORK);
    return network ? rf_network_object(network) : NULL;
  case TAG_CONVERTED:
    return decode_converted(self);
  case TAG_PICKLE:
    return decode_pickle(self);
  default:
    return broken();
  }
}

static PyObject *decode(decoder *self) {
  const char *tag = take(self, 1);
  if (!tag || Py_EnterRecursiveCall(" while a value is received"))
    return NULL;
  PyObject *value = decode_tag(self, *tag);
  Py_LeaveRecursiveCall();
  return value;
}

PyObject *rf_decode(const rf_message *message) { return decode(&(decoder){message, 0}); }
