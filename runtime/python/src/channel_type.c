// Channel: an end, or both ends, of a channel of the C library. Any number of them, in any interpreter, may be of one.
#define PY_SSIZE_T_CLEAN
#include <string.h>

#include "values.h"

typedef struct {
  PyObject_HEAD rf_channel *channel;
  int sides;
} channel_object;

static rf_channel *channel_of(PyObject *self) { return ((channel_object *)self)->channel; }

PyObject *rf_channel_object(rf_channel *channel, int sides) {
  PyTypeObject *type = STATE()->channel;
  channel_object *self = (channel_object *)type->tp_alloc(type, 0);
  if (!self) {
    rf_release(channel);
    return NULL;
  }
  self->channel = channel;
  self->sides = sides;
  return (PyObject *)self;
}

rf_channel *rf_channel_of(PyObject *object, int side, int *sides) {
  if (!Py_IS_TYPE(object, STATE()->channel)) {
    PyErr_Format(PyExc_TypeError, "a channel is needed, not a %s", Py_TYPE(object)->tp_name);
    return NULL;
  }
  const channel_object *self = (channel_object *)object;
  if ((self->sides & side) != side) {
    PyErr_SetString(PyExc_TypeError,
                    side == SIDE_SEND ? "this end of the channel receives" : "this end of the channel sends");
    return NULL;
  }
  if (sides)
    *sides = self->sides;
  return self->channel;
}

static PyObject *new_channel(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  (void)type;
  static char *names[] = {"capacity", "name", "inside", NULL};
  PyObject *capacity = NULL;
  const char *name = NULL;
  int inside = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|Oz$p:Channel", names, &capacity, &name, &inside))
    return NULL;
  Py_ssize_t places = !capacity || capacity == Py_None ? 0 : PyNumber_AsSsize_t(capacity, PyExc_OverflowError);
  if (places < 0) {
    if (!PyErr_Occurred())
      PyErr_SetString(PyExc_ValueError, "a channel's capacity is not negative; None is unbounded, 0 a rendezvous");
    return NULL;
  }
  rf_channel *channel = rf_channel_new(capacity == Py_None ? RF_UNBOUNDED : (size_t)places, name);
  if (!channel)
    return PyErr_NoMemory();
  if (inside)
    rf_channel_inside(channel);
  return rf_channel_object(channel, SIDE_SEND | SIDE_RECEIVE);
}

static void dealloc_channel(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  rf_release(channel_of(self));
  type->tp_free(self);
  Py_DECREF(type);
}

static PyObject *send_value(PyObject *self, PyObject *args, PyObject *kwargs) {
  static char *names[] = {"value", "timeout", "buffers", NULL};
  PyObject *value, *timeout = NULL;
  const char *buffers = "copy";
  int64_t until;
  buffer_mode mode;
  outgoing out;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O$s:send", names, &value, &timeout, &buffers) ||
      rf_deadline(timeout, &until) < 0 || rf_buffer_mode(buffers, &mode) < 0 || !rf_channel_of(self, SIDE_SEND, NULL) ||
      rf_encode(value, mode, &out) < 0)
    return NULL;
  rf_case entry = {channel_of(self), RF_SEND, out.message};
  rf_status status;
  size_t chosen;
  int interrupted = rf_wait_for(&entry, 1, &chosen, RF_PRIORITY, until, &status);
  out.message = entry.message;
  rf_outgoing_end(&out, !interrupted && status == RF_OK);
  if (interrupted)
    return NULL;
  if (status != RF_OK)
    return rf_raise(status, channel_of(self));
  Py_RETURN_NONE;
}

static PyObject *receive_until(PyObject *self, int64_t until, rf_status *status) {
  rf_case entry = {rf_channel_of(self, SIDE_RECEIVE, NULL), RF_RECEIVE, NULL};
  size_t chosen;
  *status = RF_OK;
  if (!entry.channel || rf_wait_for(&entry, 1, &chosen, RF_PRIORITY, until, status) || *status != RF_OK)
    return NULL;
  PyObject *value = rf_decode(entry.message);
  rf_message_free(entry.message);
  return value;
}

static PyObject *receive(PyObject *self, PyObject *args, PyObject *kwargs) {
  static char *names[] = {"timeout", NULL};
  PyObject *timeout = NULL;
  int64_t until;
  rf_status status;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:receive", names, &timeout) || rf_deadline(timeout, &until) < 0)
    return NULL;
  PyObject *value = receive_until(self, until, &status);
  return value || PyErr_Occurred() ? value : rf_raise(status, channel_of(self));
}

// The next message; ends where the channel is closed.
static PyObject *next_value(PyObject *self) {
  rf_status status;
  PyObject *value = receive_until(self, RF_FOREVER, &status);
  return value || PyErr_Occurred() || status == RF_CLOSED ? value : rf_raise(status, channel_of(self));
}

static PyObject *wait_until_ready(PyObject *self, PyObject *args, PyObject *kwargs) {
  static char *names[] = {"timeout", NULL};
  PyObject *timeout = NULL;
  int64_t until;
  rf_case entry = {rf_channel_of(self, SIDE_RECEIVE, NULL), RF_PEEK, NULL};
  size_t chosen;
  rf_status status;
  if (!entry.channel || !PyArg_ParseTupleAndKeywords(args, kwargs, "|O:wait", names, &timeout) ||
      rf_deadline(timeout, &until) < 0 || rf_wait_for(&entry, 1, &chosen, 0, until, &status))
    return NULL;
  if (status == RF_OK || status == RF_TIMED_OUT || status == RF_WOULD_BLOCK)
    return PyBool_FromLong(status == RF_OK);
  return rf_raise(status, entry.channel);
}

static PyObject *close_channel(PyObject *self, PyObject *unused) {
  (void)unused;
  rf_channel_close(channel_of(self));
  Py_RETURN_NONE;
}

static PyObject *poison_channel(PyObject *self, PyObject *unused) {
  (void)unused;
  rf_channel_poison(channel_of(self));
  Py_RETURN_NONE;
}

static PyObject *one_side(PyObject *self, int side) {
  if (!rf_channel_of(self, side, NULL))
    return NULL;
  rf_retain(channel_of(self));
  return rf_channel_object(channel_of(self), side);
}

static PyObject *get_sender(PyObject *self, void *unused) {
  (void)unused;
  return one_side(self, SIDE_SEND);
}
static PyObject *get_receiver(PyObject *self, void *unused) {
  (void)unused;
  return one_side(self, SIDE_RECEIVE);
}
static PyObject *get_id(PyObject *self, void *unused) {
  (void)unused;
  return PyLong_FromUnsignedLongLong(rf_channel_id(channel_of(self)));
}
static PyObject *get_name(PyObject *self, void *unused) {
  (void)unused;
  return PyUnicode_FromString(rf_channel_name(channel_of(self)));
}
static PyObject *get_capacity(PyObject *self, void *unused) {
  (void)unused;
  size_t capacity = rf_channel_capacity(channel_of(self));
  if (capacity == RF_UNBOUNDED)
    Py_RETURN_NONE;
  return PyLong_FromSize_t(capacity);
}
static PyObject *get_state(PyObject *self, void *unused) {
  (void)unused;
  rf_status state = rf_channel_state(channel_of(self));
  return PyUnicode_FromString(state == RF_OK ? "open" : rf_status_name(state));
}

static Py_ssize_t length(PyObject *self) { return (Py_ssize_t)rf_channel_length(channel_of(self)); }

// A channel is true even when it holds nothing.
static int is_true(PyObject *self) {
  (void)self;
  return 1;
}

static PyObject *show(PyObject *object) {
  const channel_object *self = (channel_object *)object;
  const char *name = rf_channel_name(self->channel);
  return PyUnicode_FromFormat(
      "<%s %llu%s%s, %s>",
      self->sides == SIDE_SEND      ? "sending end of channel"
      : self->sides == SIDE_RECEIVE ? "receiving end of channel"
                                    : "channel",
      (unsigned long long)rf_channel_id(self->channel), *name ? " " : "", name,
      rf_channel_state(self->channel) == RF_OK ? "open" : rf_status_name(rf_channel_state(self->channel)));
}

static Py_hash_t hash(PyObject *self) { return (Py_hash_t)rf_channel_id(channel_of(self)); }

static PyObject *compare(PyObject *self, PyObject *other, int operation) {
  if ((operation != Py_EQ && operation != Py_NE) || !Py_IS_TYPE(other, Py_TYPE(self)))
    Py_RETURN_NOTIMPLEMENTED;
  const channel_object *a = (channel_object *)self, *b = (channel_object *)other;
  return PyBool_FromLong((a->channel == b->channel && a->sides == b->sides) == (operation == Py_EQ));
}

static PyObject *self_as_iterator(PyObject *self) {
  Py_INCREF(self);
  return self;
}

static PyObject *no_pickle(PyObject *self, PyObject *unused) {
  (void)self, (void)unused;
  PyErr_SetString(PyExc_TypeError,
                  "a channel joins the interpreters of one process: it can be sent through channels, not pickled");
  return NULL;
}

#define WITH_NAMES(function) ((PyCFunction)(void (*)(void))(function))
static PyMethodDef channel_methods[] = {
    {"send", WITH_NAMES(send_value), METH_VARARGS | METH_KEYWORDS,
     "send(value, timeout=None, *, buffers='copy')\n\nWaits for room, or with capacity 0 for a receiver, `timeout` "
     "seconds "
     "at most. TypeError names what cannot be passed; Closed, Poisoned, TimeoutError, WouldBlock (timeout=0)."},
    {"receive", WITH_NAMES(receive), METH_VARARGS | METH_KEYWORDS,
     "receive(timeout=None) -> value\n\nWaits `timeout` seconds at most. Closed where nothing is left, Poisoned, "
     "TimeoutError, WouldBlock (timeout=0)."},
    {"wait", WITH_NAMES(wait_until_ready), METH_VARARGS | METH_KEYWORDS,
     "wait(timeout=None) -> whether something can be received now. Takes nothing. Closed, Poisoned."},
    {"close", close_channel, METH_NOARGS, "close(): nothing more is sent; what is held can still be received."},
    {"poison", poison_channel, METH_NOARGS,
     "poison(): drops what is held; everybody who uses the channel gets Poisoned."},
    {"__reduce__", no_pickle, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL}};
static PyGetSetDef channel_properties[] = {
    {"sender", get_sender, NULL, "Its end that only sends.", NULL},
    {"receiver", get_receiver, NULL, "Its end that only receives.", NULL},
    {"id", get_id, NULL, "A number that no other channel of the process ever has.", NULL},
    {"name", get_name, NULL, "Its name, or an empty string.", NULL},
    {"capacity", get_capacity, NULL, "How many values it holds; 0: a rendezvous, None: any number.", NULL},
    {"state", get_state, NULL, "'open', 'closed' or 'poisoned'.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot channel_slots[] = {
    {Py_tp_doc,
     "Channel(capacity=0, name=None): passes values between threads and interpreters of this process, in order."},
    {Py_tp_new, (void *)(uintptr_t)new_channel},
    {Py_tp_dealloc, (void *)(uintptr_t)dealloc_channel},
    {Py_tp_repr, (void *)(uintptr_t)show},
    {Py_tp_hash, (void *)(uintptr_t)hash},
    {Py_tp_richcompare, (void *)(uintptr_t)compare},
    {Py_tp_iter, (void *)(uintptr_t)self_as_iterator},
    {Py_tp_iternext, (void *)(uintptr_t)next_value},
    {Py_tp_methods, channel_methods},
    {Py_tp_getset, channel_properties},
    {Py_sq_length, (void *)(uintptr_t)length},
    {Py_nb_bool, (void *)(uintptr_t)is_true},
    {0, NULL}};
PyType_Spec rf_channel_spec = {"ringfence.channels.Channel", sizeof(channel_object), 0, Py_TPFLAGS_DEFAULT,
                               channel_slots};
