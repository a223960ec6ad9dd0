// Waiting from Python: without the GIL, through Ctrl-C, for one of several, and without a thread.
#define PY_SSIZE_T_CLEAN
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringfence_interp.h>

#include "values.h"

int rf_deadline(PyObject *timeout, int64_t *until) {
  *until = RF_FOREVER;
  if (!timeout || timeout == Py_None)
    return 0;
  double seconds = PyFloat_AsDouble(timeout);
  if (seconds == -1 && PyErr_Occurred())
    return -1;
  if (seconds != seconds) {
    PyErr_SetString(PyExc_ValueError, "a timeout is a number of seconds");
    return -1;
  }
  if (seconds < 9e9)
    *until = rf_after((int64_t)(seconds * 1e9));
  return 0;
}

PyObject *rf_raise(rf_status status, rf_channel *channel) {
  if (status == RF_NO_MEMORY)
    return PyErr_NoMemory();
  PyObject *error = STATE()->errors[status];
  const char *name = channel ? rf_channel_name(channel) : "";
  if (status == RF_TIMED_OUT)
    PyErr_SetString(error, "timed out");
  else if (status == RF_DEADLOCK) {
    char *report = rf_process_network() ? rf_network_report(rf_process_network()) : NULL;
    PyErr_SetString(error, report ? report : "all processes wait");
    free(report);
  } else if (status == RF_CANCELLED)
    PyErr_SetString(error, "the interpreter is ending");
  else if (channel)
    PyErr_Format(error, "channel %s%llu is %s", *name ? name : "", (unsigned long long)rf_channel_id(channel),
                 status == RF_WOULD_BLOCK ? "not ready" : rf_status_name(status));
  else
    PyErr_SetString(error, rf_status_name(status));
  return NULL;
}

// ---- One wait ----

#ifdef SYS_gettid
static __thread enum { UNKNOWN, MAIN, OTHER } role;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void forget_role(void) { role = UNKNOWN; }
static void forget_after_forks(void) { pthread_atfork(NULL, NULL, forget_role); }

// Python runs signal handlers in the main thread alone.
static bool handles_signals(void) {
  if (role == UNKNOWN) {
    pthread_once(&once, forget_after_forks);
    role = syscall(SYS_gettid) == getpid() ? MAIN : OTHER;
  }
  return role == MAIN;
}
#else
static bool handles_signals(void) { return true; }
#endif

int rf_wait_for(rf_case *cases, size_t count, size_t *chosen, int flags, int64_t until, rf_status *status) {
  *status = rf_select(cases, count, chosen, flags, RF_NOW, NULL);
  if (*status != RF_WOULD_BLOCK || until == RF_NOW)
    return 0;
  // What the thread uses is its own while it has no thread state: the interpreter may end meanwhile.
  rf_cancel *ending = rf_cancel_share(STATE()->ending);
  for (size_t i = 0; i < count; i++)
    if (cases[i].channel)
      rf_retain(cases[i].channel);
  flags |= handles_signals() ? RF_UNTIL_SIGNAL : 0;
  int interrupted = 0;
  do {
    PyThreadState *thread = rf_gil_give_up();
    *status = rf_select(cases, count, chosen, flags, until, ending);
    rf_gil_take(thread);
    if (*status == RF_CANCELLED) {
      PyObject *interrupt = rf_interp_take_interrupt();
      if (interrupt) {
        PyErr_SetNone(interrupt);
        interrupted = -1;
      } else if (!rf_cancel_fired(ending))
        *status = RF_SIGNALLED; // it was meant for another thread
    }
    if (*status == RF_SIGNALLED)
      interrupted = PyErr_CheckSignals();
  } while (*status == RF_SIGNALLED && !interrupted);
  for (size_t i = 0; i < count; i++)
    rf_release(cases[i].channel);
  rf_cancel_free(ending);
  return interrupted;
}

// ---- Cases from Python: a channel to receive from, (channel, value) to send, (channel,) to wait until something can be
// received, or None, which is never ready ----

typedef struct {
  size_t count;
  rf_case *cases;
  outgoing *sends; // with a message where the case sends
} case_list;

static void free_cases(case_list *list, size_t sent) {
  for (size_t i = 0; list->cases && list->sends && i < list->count; i++) {
    list->sends[i].message = list->cases[i].direction == RF_SEND ? list->cases[i].message : NULL;
    rf_outgoing_end(&list->sends[i], i == sent);
  }
  PyMem_Free(list->cases);
  PyMem_Free(list->sends);
}

static int read_case(PyObject *entry, rf_case *out, outgoing *send) {
  *out = (rf_case){NULL, RF_RECEIVE, NULL};
  if (entry == Py_None)
    return 0;
  Py_ssize_t parts = PyTuple_CheckExact(entry) ? PyTuple_GET_SIZE(entry) : 0;
  if (PyTuple_CheckExact(entry) && parts != 1 && parts != 2) {
    PyErr_SetString(PyExc_TypeError, "a case is a channel, a pair (channel, value), or None");
    return -1;
  }
  bool sends = parts == 2;
  out->direction = parts == 1 ? RF_PEEK : RF_RECEIVE;
  out->channel = rf_channel_of(parts ? PyTuple_GET_ITEM(entry, 0) : entry, sends ? SIDE_SEND : SIDE_RECEIVE, NULL);
  if (!out->channel || !sends)
    return out->channel ? 0 : -1;
  if (rf_encode(PyTuple_GET_ITEM(entry, 1), BUFFER_COPY, send) < 0)
    return -1;
  out->direction = RF_SEND;
  out->message = send->message;
  return 0;
}

static int read_cases(PyObject *entries, case_list *list) {
  list->count = (size_t)PyTuple_GET_SIZE(entries);
  list->cases = PyMem_Calloc(list->count + 1, sizeof *list->cases);
  list->sends = PyMem_Calloc(list->count + 1, sizeof *list->sends);
  int result = list->cases && list->sends ? 0 : -1;
  if (result < 0)
    PyErr_NoMemory();
  for (size_t i = 0; i < list->count && result == 0; i++)
    result = read_case(PyTuple_GET_ITEM(entries, (Py_ssize_t)i), &list->cases[i], &list->sends[i]);
  if (result < 0)
    free_cases(list, list->count);
  return result;
}

// The pair (index, value); consumes the list. What a wait for these cases has come to.
static PyObject *outcome(case_list *list, rf_status status, size_t chosen) {
  bool done = status == RF_OK, sent = done && list->cases[chosen].direction == RF_SEND;
  bool received = done && list->cases[chosen].direction == RF_RECEIVE;
  rf_message *message = received ? list->cases[chosen].message : NULL;
  rf_channel *channel = chosen < list->count ? list->cases[chosen].channel : NULL;
  if (channel)
    rf_retain(channel);
  free_cases(list, sent ? chosen : list->count);
  PyObject *value = NULL;
  if (message)
    value = rf_decode(message);
  else if (done) {
    Py_INCREF(Py_None);
    value = Py_None;
  } else
    rf_raise(status, channel);
  rf_message_free(message);
  rf_release(channel);
  return value ? Py_BuildValue("(nN)", (Py_ssize_t)chosen, value) : NULL;
}

static PyObject *select_cases(PyObject *module, PyObject *args) {
  (void)module;
  PyObject *entries, *timeout;
  int priority;
  int64_t until;
  case_list list;
  if (!PyArg_ParseTuple(args, "O!Op:select", &PyTuple_Type, &entries, &timeout, &priority) ||
      rf_deadline(timeout, &until) < 0 || read_cases(entries, &list) < 0)
    return NULL;
  size_t chosen;
  rf_status status;
  if (rf_wait_for(list.cases, list.count, &chosen, priority ? RF_PRIORITY : 0, until, &status) == 0)
    return outcome(&list, status, chosen);
  free_cases(&list, list.count);
  return NULL;
}

// ---- Waits without a thread ----

typedef struct {
  PyObject_HEAD rf_async *wait; // NULL: over, and its outcome taken
  case_list list;
  PyObject *entries; // keeps the channels
} wait_object;

static PyObject *new_wait(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  static char *names[] = {"cases", "fd", NULL};
  PyObject *entries;
  int fd;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!i:Wait", names, &PyTuple_Type, &entries, &fd))
    return NULL;
  wait_object *self = (wait_object *)type->tp_alloc(type, 0);
  if (!self)
    return NULL;
  if (read_cases(entries, &self->list) < 0) {
    Py_DECREF(self);
    return NULL;
  }
  Py_INCREF(entries);
  self->entries = entries;
  self->wait = rf_wait_begin(self->list.cases, self->list.count, 0, fd);
  if (!self->wait) {
    free_cases(&self->list, self->list.count);
    Py_DECREF(self);
    return PyErr_NoMemory();
  }
  return (PyObject *)self;
}

static PyObject *wait_is_over(PyObject *object, PyObject *unused) {
  (void)unused;
  const wait_object *self = (wait_object *)object;
  return PyBool_FromLong(!self->wait || rf_wait_is_over(self->wait));
}

static PyObject *wait_end(PyObject *object, PyObject *unused) {
  (void)unused;
  wait_object *self = (wait_object *)object;
  rf_async *wait = __atomic_exchange_n(&self->wait, NULL, __ATOMIC_ACQ_REL);
  if (!wait) {
    PyErr_SetString(PyExc_ValueError, "the outcome of the wait was taken already");
    return NULL;
  }
  size_t chosen;
  rf_status status = rf_wait_end(wait, &chosen);
  return outcome(&self->list, status, chosen);
}

static void dealloc_wait(PyObject *object) {
  wait_object *self = (wait_object *)object;
  PyTypeObject *type = Py_TYPE(object);
  if (self->wait) {
    size_t chosen;
    rf_status status = rf_wait_end(self->wait, &chosen);
    bool done = status == RF_OK;
    if (done && self->list.cases[chosen].direction == RF_RECEIVE) // and nobody asked for it
      rf_message_free(self->list.cases[chosen].message);
    free_cases(&self->list, done ? chosen : self->list.count);
  }
  Py_XDECREF(self->entries);
  type->tp_free(object);
  Py_DECREF(type);
}

static PyMethodDef wait_methods[] = {
    {"over", wait_is_over, METH_NOARGS, "over() -> whether one of the cases was done"},
    {"end", wait_end, METH_NOARGS, "end() -> (index, value), as select; Interrupted where nothing was done"},
    {NULL, NULL, 0, NULL}};
static PyType_Slot wait_slots[] = {
    {Py_tp_doc, "Wait(cases, fd): writes to the eventfd when one of the cases was done."},
    {Py_tp_new, (void *)(uintptr_t)new_wait},
    {Py_tp_dealloc, (void *)(uintptr_t)dealloc_wait},
    {Py_tp_methods, wait_methods},
    {0, NULL}};
PyType_Spec rf_wait_spec = {"ringfence._runtime.Wait", sizeof(wait_object), 0, Py_TPFLAGS_DEFAULT, wait_slots};

static PyObject *end_waits(PyObject *module, PyObject *unused) {
  (void)module, (void)unused;
  rf_cancel_fire(STATE()->ending);
  Py_RETURN_NONE;
}

static PyObject *allow_waits(PyObject *module, PyObject *unused) {
  (void)module, (void)unused;
  rf_cancel_reset(STATE()->ending);
  Py_RETURN_NONE;
}

PyMethodDef rf_waiting_methods[] = {
    {"select", select_cases, METH_VARARGS, "select(cases, timeout, priority) -> (index, value)"},
    {"end_waits", end_waits, METH_NOARGS, "end_waits(): nobody waits in this interpreter any more, now and later"},
    {"allow_waits", allow_waits, METH_NOARGS, "allow_waits(): takes end_waits() back"},
    {NULL, NULL, 0, NULL},
};
