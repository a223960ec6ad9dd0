// Interp: a handle of an interpreter of the C library, for ringfence.interpreters. Requests and replies are messages; what
// they mean, ringfence._worker knows, which handles them in the interpreter's thread.
#define PY_SSIZE_T_CLEAN
#include <stdbool.h>

#include <ringfence_interp.h>

#include "values.h"

typedef struct {
  PyObject_HEAD rf_interp *interp;
} interp_object;

static rf_interp *interp_of(PyObject *self) { return ((interp_object *)self)->interp; }

static PyObject *interp_handle(rf_interp *interp) { // steals
  PyTypeObject *type = STATE()->interp;
  interp_object *self = (interp_object *)type->tp_alloc(type, 0);
  if (self)
    self->interp = interp;
  else
    rf_interp_release(interp);
  return (PyObject *)self;
}

// ---- Requests, in the interpreter's thread ----

typedef struct {
  rf_message *message;
  rf_channel *reply;
} request;

static void free_request(request *self) {
  rf_message_free(self->message);
  rf_release(self->reply);
  free(self);
}

static rf_message *encoded(PyObject *value) {
  outgoing out;
  if (!value || rf_encode(value, BUFFER_COPY, &out) < 0)
    return NULL;
  rf_message *message = out.message;
  out.message = NULL;
  rf_outgoing_end(&out, true);
  return message;
}

// What `function` of ringfence._worker makes of `argument`, which is stolen and may be NULL, as a message; NULL with an
// exception.
static rf_message *answer(const char *function, PyObject *argument) {
  PyObject *worker = argument ? PyImport_ImportModule("ringfence._worker") : NULL;
  PyObject *value = worker ? PyObject_CallMethod(worker, function, "(O)", argument) : NULL;
  rf_message *message = encoded(value);
  Py_XDECREF(value);
  Py_XDECREF(worker);
  Py_XDECREF(argument);
  return message;
}

// The current exception, normalised, with its traceback.
static PyObject *take_exception(void) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  if (value && traceback)
    PyException_SetTraceback(value, traceback);
  Py_XDECREF(type);
  Py_XDECREF(traceback);
  return value;
}

static void handle(void *argument, rf_work_event event) {
  request *self = argument;
  if (event == RF_WORK_LOST) { // `handle` was left in the middle, or never entered
    rf_channel_poison(self->reply);
    return;
  }
  rf_message *reply = NULL;
  if (event == RF_WORK_RUN) {
    reply = answer("handle", rf_decode(self->message));
    if (!reply) // an exception of the request's is a reply: this is what could not be passed, or came too late to be caught
      reply = answer("describe", take_exception());
    if (!reply)
      PyErr_WriteUnraisable(NULL);
  }
  rf_interp_work_done();
  rf_status status = reply ? rf_channel_send(self->reply, &reply, RF_NOW, NULL) : RF_CLOSED;
  if (status != RF_OK) {
    rf_message_free(reply);
    rf_channel_poison(self->reply);
  }
  free_request(self);
}

// The first request: a tuple of strings for sys.path. The reply is None, or the text of what went wrong.
static void set_up(void *argument, rf_work_event event) {
  request *self = argument;
  if (event != RF_WORK_RUN) {
    rf_channel_poison(self->reply);
    if (event == RF_WORK_DROP)
      free_request(self);
    return;
  }
  PyObject *path = rf_decode(self->message);
  PyObject *list = path ? PySequence_List(path) : NULL;
  PyObject *worker = list && PySys_SetObject("path", list) == 0 ? PyImport_ImportModule("ringfence._worker") : NULL;
  rf_message *reply = worker ? encoded(Py_None) : NULL;
  if (!reply) {
    PyObject *error = take_exception(), *text = error ? PyObject_Repr(error) : NULL;
    const char *utf8 = text ? PyUnicode_AsUTF8(text) : NULL;
    utf8 = utf8 ? utf8 : "no memory";
    reply = rf_message_of_bytes(utf8, strlen(utf8));
    Py_XDECREF(text);
    Py_XDECREF(error);
    PyErr_Clear();
  }
  Py_XDECREF(worker);
  Py_XDECREF(list);
  Py_XDECREF(path);
  rf_interp_work_done();
  if (!reply || rf_channel_send(self->reply, &reply, RF_NOW, NULL) != RF_OK)
    rf_channel_poison(self->reply);
  rf_message_free(reply);
  free_request(self);
}

static void before_end(void) {
  PyObject *worker = PyImport_ImportModule("ringfence._worker");
  PyObject *done = worker ? PyObject_CallMethod(worker, "finish", NULL) : NULL;
  if (!done)
    PyErr_WriteUnraisable(NULL);
  Py_XDECREF(done);
  Py_XDECREF(worker);
}

// ---- From outside ----

static PyObject *create(PyObject *module, PyObject *args, PyObject *kwargs) {
  (void)module;
  static char *names[] = {"name", "gil",  "own_allocator",    "threads", "daemon_threads",
                          "fork", "exec", "check_extensions", NULL};
  rf_interp_config config = RF_INTERP_CONFIG;
  int gil;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "ziippppi", names, &config.name, &gil, &config.own_allocator,
                                   &config.threads, &config.daemon_threads, &config.fork, &config.exec,
                                   &config.check_extensions))
    return NULL;
  config.gil = (rf_gil)gil;
  __atomic_store_n(&rf_interp_before_end, before_end, __ATOMIC_RELAXED);
  const char *error;
  rf_interp *interp;
  Py_BEGIN_ALLOW_THREADS interp = rf_interp_create(&config, &error);
  Py_END_ALLOW_THREADS if (interp) return interp_handle(interp);
  PyErr_SetString(STATE()->interpreter_error, error);
  return NULL;
}

static PyObject *post(PyObject *self, PyObject *args) {
  PyObject *value, *reply;
  int first = 0;
  outgoing out;
  if (!PyArg_ParseTuple(args, "OO|p", &value, &reply, &first))
    return NULL;
  rf_channel *channel = rf_channel_of(reply, SIDE_SEND, NULL);
  if (!channel || rf_encode(value, BUFFER_COPY, &out) < 0)
    return NULL;
  request *made = malloc(sizeof *made);
  rf_status status = RF_NO_MEMORY;
  if (made) {
    *made = (request){out.message, channel};
    rf_retain(channel);
    status = rf_interp_post(interp_of(self), first ? set_up : handle, made);
  }
  if (status == RF_OK)
    out.message = NULL;
  else if (made) {
    rf_release(channel);
    free(made);
  }
  rf_outgoing_end(&out, status == RF_OK);
  if (status == RF_OK)
    Py_RETURN_NONE;
  if (status == RF_NO_MEMORY)
    return PyErr_NoMemory();
  PyErr_SetString(STATE()->interpreter_error, "the interpreter has ended, or was told to");
  return NULL;
}

static PyObject *interrupt(PyObject *self, PyObject *args) {
  int ends;
  if (!PyArg_ParseTuple(args, "p", &ends))
    return NULL;
  PyObject *error = ends ? PyExc_SystemExit : PyExc_KeyboardInterrupt; // both are static: every interpreter has them
  int ran;
  Py_BEGIN_ALLOW_THREADS ran = rf_interp_interrupt(interp_of(self), error);
  Py_END_ALLOW_THREADS return PyBool_FromLong(ran);
}

static PyObject *begin_close(PyObject *self, PyObject *args) {
  int at_once;
  if (!PyArg_ParseTuple(args, "p", &at_once))
    return NULL;
  rf_interp_begin_close(interp_of(self), at_once);
  Py_RETURN_NONE;
}

static PyObject *get_state(PyObject *self, void *unused) {
  (void)unused;
  static const char *const names[] = {"idle", "running", "closing", "closed", "dead"};
  return PyUnicode_FromString(names[rf_interp_state_of(interp_of(self))]);
}
static PyObject *get_id(PyObject *self, void *unused) {
  (void)unused;
  return PyLong_FromLongLong(rf_interp_id(interp_of(self)));
}
static PyObject *get_name(PyObject *self, void *unused) {
  (void)unused;
  return PyUnicode_FromString(rf_interp_name(interp_of(self)));
}
static PyObject *get_own_gil(PyObject *self, void *unused) {
  (void)unused;
  return PyBool_FromLong(rf_interp_has_own_gil(interp_of(self)));
}
static PyObject *get_ended(PyObject *self, void *unused) {
  (void)unused;
  rf_channel *ended = rf_interp_ended(interp_of(self));
  rf_retain(ended);
  return rf_channel_object(ended, SIDE_RECEIVE);
}

static PyObject *list_all(PyObject *module, PyObject *unused) {
  (void)module, (void)unused;
  size_t room = rf_interp_list(NULL, 0) + 16;
  rf_interp **live = PyMem_Calloc(room, sizeof *live);
  if (!live)
    return PyErr_NoMemory();
  size_t count = rf_interp_list(live, room);
  PyObject *list = PyList_New(0);
  for (size_t i = 0; i < count && i < room; i++) {
    PyObject *handle_object = list ? interp_handle(live[i]) : NULL;
    if (!list)
      rf_interp_release(live[i]);
    else if (!handle_object || PyList_Append(list, handle_object) < 0)
      Py_CLEAR(list);
    Py_XDECREF(handle_object);
  }
  PyMem_Free(live);
  return list;
}

static PyObject *current_id(PyObject *module, PyObject *unused) {
  (void)module, (void)unused;
  return PyLong_FromLongLong(PyInterpreterState_GetID(PyInterpreterState_Get()));
}

static PyObject *refuse_new(PyObject *module, PyObject *args) {
  (void)module;
  int refuse;
  if (!PyArg_ParseTuple(args, "p", &refuse))
    return NULL;
  rf_interp_refuse_new(refuse);
  Py_RETURN_NONE;
}

static PyObject *passable(PyObject *module, PyObject *value) {
  (void)module;
  outgoing out;
  bool can = rf_encode(value, BUFFER_COPY, &out) == 0;
  if (can)
    rf_outgoing_end(&out, false);
  else if (!PyErr_ExceptionMatches(PyExc_Exception) || PyErr_ExceptionMatches(PyExc_MemoryError))
    return NULL; // Ctrl-C, in a conversion
  PyErr_Clear();
  return PyBool_FromLong(can);
}

static void dealloc_interp(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  rf_interp_release(interp_of(self));
  type->tp_free(self);
  Py_DECREF(type);
}

static PyMethodDef interp_methods[] = {
    {"post", post, METH_VARARGS, "post(request, reply channel, first=False)"},
    {"interrupt", interrupt, METH_VARARGS, "interrupt(ends) -> whether something ran that now gets an exception"},
    {"begin_close", begin_close, METH_VARARGS, "begin_close(at_once)"},
    {NULL, NULL, 0, NULL}};
static PyGetSetDef interp_properties[] = {
    {"state", get_state, NULL, NULL, NULL},
    {"id", get_id, NULL, NULL, NULL},
    {"name", get_name, NULL, NULL, NULL},
    {"own_gil", get_own_gil, NULL, NULL, NULL},
    {"ended", get_ended, NULL, "A channel that is closed when it has ended.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot interp_slots[] = {{Py_tp_doc, "A handle of an interpreter."},
                                     {Py_tp_dealloc, (void *)(uintptr_t)dealloc_interp},
                                     {Py_tp_methods, interp_methods},
                                     {Py_tp_getset, interp_properties},
                                     {0, NULL}};
PyType_Spec rf_interp_spec = {"ringfence._runtime.Interp", sizeof(interp_object), 0, Py_TPFLAGS_DEFAULT, interp_slots};

PyMethodDef rf_interp_methods[] = {
    {"interp_create", (PyCFunction)(void (*)(void))create, METH_VARARGS | METH_KEYWORDS,
     "interp_create(...) -> Interp"},
    {"interp_list", list_all, METH_NOARGS, "interp_list() -> [Interp], the live ones"},
    {"interp_current", current_id, METH_NOARGS, "interp_current() -> id of the current interpreter"},
    {"interp_refuse_new", refuse_new, METH_VARARGS, "interp_refuse_new(bool): whether no more are made"},
    {"passable", passable, METH_O, "passable(value) -> whether it can be sent"},
    {NULL, NULL, 0, NULL},
};
