// Buffer: a Python view of a block, which is memory of no interpreter's allocator, so that it can change hands.
#include <stdbool.h>
#include <string.h>

#include "values.h"

// `exports` is how many views there are, or one of these.
enum { MOVING = -1, GONE = -2 };

typedef struct {
  PyObject_HEAD rf_block *block;
  Py_ssize_t exports;
  Py_ssize_t offset, itemsize, bytes;
  int dimensions;
  Py_ssize_t *shape; // PyMem memory: shape, then strides, then the format
  Py_ssize_t *strides;
  char *format;
} buffer_object;

static Py_ssize_t exports_of(const buffer_object *self) { return __atomic_load_n(&self->exports, __ATOMIC_ACQUIRE); }

static bool change_exports(buffer_object *self, Py_ssize_t from, Py_ssize_t to) {
  return __atomic_compare_exchange_n(&self->exports, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static int refuse(const buffer_object *self, const char *what) {
  Py_ssize_t exports = exports_of(self);
  if (exports < 0)
    PyErr_SetString(PyExc_ValueError, "the buffer was moved to another owner");
  else
    PyErr_Format(PyExc_BufferError, "the buffer cannot be %s: %zd views of it exist", what, exports);
  return -1;
}

PyObject *rf_buffer_new(rf_block *block, const layout *given) {
  size_t words = 2 * (size_t)given->dimensions, length = strlen(given->format) + 1;
  PyTypeObject *type = STATE()->buffer;
  Py_ssize_t *memory = PyMem_Malloc(words * sizeof *memory + length);
  buffer_object *self = memory ? (buffer_object *)type->tp_alloc(type, 0) : (buffer_object *)PyErr_NoMemory();
  if (!self) {
    PyMem_Free(memory);
    rf_release(block);
    return NULL;
  }
  self->block = block;
  self->offset = given->offset;
  self->itemsize = given->itemsize;
  self->bytes = given->bytes;
  self->dimensions = given->dimensions;
  self->shape = memory;
  self->strides = memory + given->dimensions;
  self->format = (char *)(memory + words);
  if (words) {
    memcpy(self->shape, given->shape, words / 2 * sizeof *memory);
    memcpy(self->strides, given->strides, words / 2 * sizeof *memory);
  }
  memcpy(self->format, given->format, length);
  return (PyObject *)self;
}

rf_block *rf_buffer_block(PyObject *buffer, layout *out) {
  buffer_object *self = (buffer_object *)buffer;
  if (exports_of(self) == GONE) {
    refuse(self, "");
    return NULL;
  }
  *out =
      (layout){self->offset, self->itemsize, self->bytes, self->dimensions, self->shape, self->strides, self->format};
  return self->block;
}

int rf_buffer_begin_move(PyObject *buffer) {
  buffer_object *self = (buffer_object *)buffer;
  return change_exports(self, 0, MOVING) ? 0 : refuse(self, "moved");
}

void rf_buffer_end_move(PyObject *buffer, bool moved) {
  buffer_object *self = (buffer_object *)buffer;
  rf_block *block = self->block;
  if (moved)
    __atomic_store_n(&self->block, NULL, __ATOMIC_RELEASE);
  __atomic_store_n(&self->exports, moved ? GONE : 0, __ATOMIC_RELEASE);
  if (moved)
    rf_release(block);
}

bool rf_buffer_is_frozen(PyObject *buffer) {
  const buffer_object *self = (buffer_object *)buffer;
  const rf_block *block = __atomic_load_n(&self->block, __ATOMIC_ACQUIRE);
  return block && __atomic_load_n(&block->read_only, __ATOMIC_ACQUIRE);
}

int rf_buffer_freeze(PyObject *buffer) {
  buffer_object *self = (buffer_object *)buffer;
  if (rf_buffer_is_frozen(buffer))
    return 0;
  if (!change_exports(self, 0, MOVING))
    return refuse(self, "shared");
  __atomic_store_n(&self->block->read_only, 1, __ATOMIC_RELEASE);
  __atomic_store_n(&self->exports, 0, __ATOMIC_RELEASE);
  return 0;
}

static int get_buffer(PyObject *object, Py_buffer *view, int flags) {
  buffer_object *self = (buffer_object *)object;
  view->obj = NULL;
  Py_ssize_t exports;
  do {
    exports = exports_of(self);
    if (exports < 0)
      return refuse(self, "used");
  } while (!change_exports(self, exports, exports + 1));
  *view = (Py_buffer){.buf = self->block->data + self->offset,
                      .obj = object,
                      .len = self->bytes,
                      .itemsize = self->itemsize,
                      .readonly = rf_buffer_is_frozen(object),
                      .ndim = self->dimensions,
                      .format = flags & PyBUF_FORMAT ? self->format : NULL,
                      .shape = flags & PyBUF_ND ? self->shape : NULL,
                      .strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? self->strides : NULL};
  const char *problem = NULL;
  if ((flags & PyBUF_WRITABLE) && view->readonly)
    problem = "the buffer is shared and so read-only";
  else if (!view->strides && !PyBuffer_IsContiguous(&(Py_buffer){.buf = view->buf,
                                                                 .len = view->len,
                                                                 .itemsize = view->itemsize,
                                                                 .ndim = self->dimensions,
                                                                 .shape = self->shape,
                                                                 .strides = self->strides},
                                                    'C'))
    problem = "the buffer is not C-contiguous";
  if (problem) {
    __atomic_sub_fetch(&self->exports, 1, __ATOMIC_ACQ_REL);
    view->obj = NULL;
    PyErr_SetString(PyExc_BufferError, problem);
    return -1;
  }
  Py_INCREF(object);
  return 0;
}

static void release_buffer(PyObject *object, Py_buffer *view) {
  (void)view;
  __atomic_sub_fetch(&((buffer_object *)object)->exports, 1, __ATOMIC_ACQ_REL);
}

// A copy of what `source` exports, in C order, or Fortran's where it has that.
static PyObject *copy_of(PyObject *source) {
  outgoing out;
  if (rf_encode(source, BUFFER_COPY, &out) < 0)
    return NULL;
  PyObject *copy = rf_decode(out.message);
  rf_outgoing_end(&out, false);
  return copy;
}

static PyObject *new_buffer(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  (void)type;
  static char *names[] = {"source", NULL};
  PyObject *source;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:Buffer", names, &source))
    return NULL;
  if (PyObject_CheckBuffer(source) && !PyBytes_CheckExact(source))
    return copy_of(source);
  Py_ssize_t size =
      PyBytes_CheckExact(source) ? PyBytes_GET_SIZE(source) : PyNumber_AsSsize_t(source, PyExc_OverflowError);
  if (size == -1 && PyErr_Occurred())
    return NULL;
  if (size < 0) {
    PyErr_SetString(PyExc_ValueError, "a buffer's size is not negative");
    return NULL;
  }
  rf_block *block = rf_block_new((size_t)size);
  if (!block)
    return PyErr_NoMemory();
  if (PyBytes_CheckExact(source))
    memcpy(block->data, PyBytes_AS_STRING(source), (size_t)size);
  Py_ssize_t one = 1;
  return rf_buffer_new(block, &(layout){0, 1, size, 1, &size, &one, "B"});
}

static void dealloc_buffer(PyObject *object) {
  buffer_object *self = (buffer_object *)object;
  PyTypeObject *type = Py_TYPE(object);
  rf_release(self->block);
  PyMem_Free(self->shape);
  type->tp_free(object);
  Py_DECREF(type);
}

static PyObject *freeze(PyObject *self, PyObject *unused) {
  (void)unused;
  if (rf_buffer_freeze(self) < 0)
    return NULL;
  Py_INCREF(self);
  return self;
}

static Py_ssize_t length(PyObject *self) { return ((buffer_object *)self)->bytes; }
static PyObject *get_bytes(PyObject *self, void *closure) {
  (void)closure;
  return PyLong_FromSsize_t(length(self));
}
static PyObject *get_gone(PyObject *self, void *closure) {
  (void)closure;
  return PyBool_FromLong(exports_of((buffer_object *)self) == GONE);
}
static PyObject *get_read_only(PyObject *self, void *closure) {
  (void)closure;
  return PyBool_FromLong(rf_buffer_is_frozen(self));
}
static PyObject *show(PyObject *object) {
  const buffer_object *self = (buffer_object *)object;
  return PyUnicode_FromFormat("<ringfence.channels.Buffer of %zd bytes%s>", self->bytes,
                              exports_of(self) == GONE      ? ", moved away"
                              : rf_buffer_is_frozen(object) ? ", read-only"
                                                            : "");
}

static PyGetSetDef buffer_properties[] = {
    {"nbytes", get_bytes, NULL, "Its size in bytes.", NULL},
    {"gone", get_gone, NULL, "Whether it was moved to another owner: it cannot be used any more.", NULL},
    {"read_only", get_read_only, NULL, "Whether it was shared: nobody can write to it any more.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};
static PyMethodDef buffer_methods[] = {
    {"freeze", freeze, METH_NOARGS,
     "freeze() -> itself, read-only for ever, so that it can be shared. BufferError while views of it exist."},
    {NULL, NULL, 0, NULL}};
static PyType_Slot buffer_slots[] = {
    {Py_tp_doc, "Buffer(size or data): memory of no interpreter, zeroed or a copy, which channels can move and share "
                "without copying. Used through memoryview(buffer), or numpy.asarray(buffer)."},
    {Py_tp_new, (void *)(uintptr_t)new_buffer},
    {Py_tp_dealloc, (void *)(uintptr_t)dealloc_buffer},
    {Py_tp_repr, (void *)(uintptr_t)show},
    {Py_tp_methods, buffer_methods},
    {Py_tp_getset, buffer_properties},
    {Py_mp_length, (void *)(uintptr_t)length},
    {Py_bf_getbuffer, (void *)(uintptr_t)get_buffer},
    {Py_bf_releasebuffer, (void *)(uintptr_t)release_buffer},
    {0, NULL}};
PyType_Spec rf_buffer_spec = {"ringfence.channels.Buffer", sizeof(buffer_object), 0, Py_TPFLAGS_DEFAULT, buffer_slots};
