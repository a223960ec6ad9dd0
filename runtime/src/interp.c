/* Interpreters with a thread of their own, as others see them: see ringfence_interp.h. */
#include "interp_core.h"

#include <stdlib.h>
#include <string.h>

/* ---- Making one, and its handle -------------------------------------------------------------------------------- */

static const char *problem_of(const rf_interp_config *config) {
#if PY_VERSION_HEX < 0x030C0000
  if (config->gil == RF_GIL_OWN)
    return "a GIL of its own needs Python 3.12";
  if (config->own_allocator > 0)
    return "an allocator of its own needs Python 3.12";
#else
  if (config->gil != RF_GIL_SHARED && config->own_allocator == 0)
    return "a GIL of its own needs an allocator of its own";
  bool own_allocator = config->own_allocator < 0 ? config->gil != RF_GIL_SHARED : config->own_allocator;
  if (own_allocator && config->check_extensions == 0)
    return "a GIL or an allocator of its own needs the check of extensions";
#endif
#ifdef Py_GIL_DISABLED
  if (config->check_extensions == 0)
    return "without a GIL the check of extensions is needed";
#endif
  if (config->daemon_threads && !config->threads)
    return "daemon threads are threads";
  return NULL;
}

void rf_interp_retain(rf_interp *self) { __atomic_add_fetch(&self->references, 1, __ATOMIC_RELAXED); }

void rf_interp_release(rf_interp *self) {
  if (!self || __atomic_sub_fetch(&self->references, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  rf_release(self->requests);
  rf_release(self->ended);
  rf_release(self->made);
  rf_cancel_free(self->waits);
  pthread_mutex_destroy(&self->lock);
  pthread_cond_destroy(&self->left);
  free(self);
}

static rf_interp *new_handle(const rf_interp_config *config) {
  size_t length = config->name ? strlen(config->name) : 0;
  rf_interp *self = calloc(1, sizeof *self + length + 1);
  if (!self)
    return NULL;
  memcpy(self->name, config->name ? config->name : "", length);
  self->references = 2; /* the caller's and the thread's */
  self->id = -1;        /* while it is made */
  self->config = *config;
  self->config.name = self->name;
  self->own_gil = PY_VERSION_HEX >= 0x030C0000 && config->gil != RF_GIL_SHARED;
  pthread_mutex_init(&self->lock, NULL);
  pthread_cond_init(&self->left, NULL);
  self->requests = rf_channel_new(RF_UNBOUNDED, NULL);
  self->ended = rf_channel_new(0, NULL);
  self->made = rf_channel_new(0, NULL);
  self->waits = rf_cancel_new();
  if (self->requests && self->ended && self->made && self->waits)
    return self;
  self->references = 1;
  rf_interp_release(self);
  return NULL;
}

rf_interp *rf_interp_create(const rf_interp_config *config, const char **error) {
  *error = problem_of(config);
  rf_interp *self = *error ? NULL : new_handle(config);
  if (!self) {
    *error = *error ? *error : "no memory for an interpreter";
    return NULL;
  }
  bool enlisted = rf_interp_enlist(self);
  if (!enlisted || rf_interp_start(self)) {
    *error = enlisted ? "no thread for an interpreter could be started" : "the program is ending";
    if (enlisted)
      rf_interp_delist(self);
    self->references = 1;
    rf_interp_release(self);
    return NULL;
  }
  rf_message *none;
  rf_channel_receive(self->made, &none, RF_FOREVER, NULL);
  *error = self->error;
  if (self->error) {
    rf_interp_release(self);
    return NULL;
  }
  return self;
}

/* ---- Using one ------------------------------------------------------------------------------------------------- */

rf_interp_state rf_interp_state_of(rf_interp *self) {
  rf_interp_lock(self);
  rf_interp_state state = self->state;
  rf_interp_unlock(self);
  return state;
}

int64_t rf_interp_id(const rf_interp *self) { return self->id; }
int rf_interp_has_own_gil(const rf_interp *self) { return self->own_gil; }
const char *rf_interp_name(const rf_interp *self) { return self->name; }
rf_channel *rf_interp_ended(rf_interp *self) { return self->ended; }

rf_status rf_interp_post(rf_interp *self, rf_work work, void *argument) {
  if (rf_interp_state_of(self) == RF_INTERP_DEAD)
    return RF_CLOSED;
  rf_request entry = {work, argument};
  rf_message *message = rf_message_new(sizeof entry);
  if (!message)
    return RF_NO_MEMORY;
  rf_message_append(&message, &entry, sizeof entry);
  rf_status status = rf_channel_send(self->requests, &message, RF_NOW, NULL);
  rf_message_free(message);
  return status;
}

int rf_interp_interrupt(rf_interp *self, PyObject *exception) {
  rf_interp_lock(self);
  const void *argument = self->argument;
  bool runs = self->python && self->work;
  if (runs)
    self->visitors++;
  rf_interp_unlock(self);
  if (!runs)
    return 0;
  PyThreadState *visitor = PyThreadState_New(self->python);
  if (visitor) {
    PyEval_RestoreThread(visitor);
    rf_interp_lock(self);
    runs = self->work && self->argument == argument;
    rf_interp_unlock(self);
    if (runs) {
      __atomic_store_n(&self->interrupt, exception, __ATOMIC_RELEASE);
      PyThreadState_SetAsyncExc(self->thread, exception);
    }
    PyThreadState_Clear(visitor);
    PyThreadState_DeleteCurrent();
  }
  if (runs) {
    rf_cancel_fire(self->waits);
    if (exception != PyExc_SystemExit) /* what ends waits no more */
      rf_cancel_reset(self->waits);
  }
  rf_interp_lock(self);
  if (--self->visitors == 0)
    pthread_cond_broadcast(&self->left);
  rf_interp_unlock(self);
  return runs;
}

rf_cancel *rf_interp_waits(rf_interp *self) { return self->waits; }

void rf_interp_begin_close(rf_interp *self, int at_once) {
  rf_interp_lock(self);
  if (self->state <= RF_INTERP_RUNNING)
    self->state = RF_INTERP_CLOSING;
  self->at_once = self->at_once || at_once;
  rf_interp_unlock(self);
  rf_channel_close(self->requests);
}
