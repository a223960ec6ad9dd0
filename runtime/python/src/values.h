// Python values as messages, and the state that ringfence._runtime keeps in each interpreter.
#pragma once

#include <Python.h>
#include <stdbool.h>

#include <ringfence.h>
#include <ringfence_channel.h>
#include <ringfence_network.h>

typedef struct {
  PyTypeObject *channel, *buffer, *mark, *wait, *network, *interp;
  PyObject *errors[RF_STATUS_COUNT]; // by status; NULL: none is raised
  PyObject *interpreter_error;
  PyObject *conversions; // {type: (to_shared, name of the function that rebuilds)}
  PyObject *resolve;     // ringfence._names.resolve
  rf_cancel *ending;     // fired when the interpreter ends: nobody waits here any more
} rf_python;
RF_STATE_DECLARE(rf_python_state, rf_python)
#define STATE() RF_GET(rf_python_state)

// ---- Values ----

// How a buffer without a mark of its own is sent.
typedef enum { BUFFER_COPY, BUFFER_MOVE, BUFFER_SHARE } buffer_mode;

// A value on its way: `message` until it was sent, and the buffers that are gone for the sender then.
typedef struct {
  rf_message *message;
  PyObject *moving; // list, NULL where there are none
} outgoing;
// 0, or -1 with an exception that names the part which cannot be passed.
int rf_encode(PyObject *value, buffer_mode mode, outgoing *out);
// Ends it: with `sent` the sender loses what it moved, else it has everything back. Keeps an exception that is set.
void rf_outgoing_end(outgoing *out, bool sent);
// A new reference, NULL with an exception. Does not free the message.
PyObject *rf_decode(const rf_message *message);
// 0, or -1 with a ValueError.
int rf_buffer_mode(const char *name, buffer_mode *mode);

// The layout of a buffer's items in its block.
typedef struct {
  Py_ssize_t offset, itemsize, bytes;
  int dimensions;
  const Py_ssize_t *shape, *strides;
  const char *format;
} layout;

// ---- Buffers: buffer_type.c ----

// Steals the reference to `block`, also on failure.
PyObject *rf_buffer_new(rf_block *block, const layout *layout);
// The block and layout of a Buffer, borrowed; NULL with an exception where it is gone.
rf_block *rf_buffer_block(PyObject *buffer, layout *layout);
// Nobody else may use the buffer until rf_buffer_end_move. 0, or -1 with a BufferError where it is exported.
int rf_buffer_begin_move(PyObject *buffer);
void rf_buffer_end_move(PyObject *buffer, bool moved);
// Makes it read-only for ever. 0, or -1 with a BufferError where it is exported.
int rf_buffer_freeze(PyObject *buffer);
bool rf_buffer_is_frozen(PyObject *buffer);

// ---- Channels: channel_type.c, waiting.c ----

enum { SIDE_SEND = 1, SIDE_RECEIVE = 2 };
// Steals the reference to `channel`, also on failure.
PyObject *rf_channel_object(rf_channel *channel, int sides);
// Borrowed; NULL with a TypeError where `object` is no channel, or not that side of one.
rf_channel *rf_channel_of(PyObject *object, int side, int *sides);

// Seconds or None to a deadline. 0, or -1 with an exception.
int rf_deadline(PyObject *timeout, int64_t *until);
// rf_select that lets other threads run while it waits and Ctrl-C through. -1 with an exception where a signal handler
// raised one, else 0.
int rf_wait_for(rf_case *cases, size_t count, size_t *chosen, int flags, int64_t until, rf_status *status);
// Raises what the status means; returns NULL.
PyObject *rf_raise(rf_status status, rf_channel *channel);

PyObject *rf_network_object(rf_network *network); // steals
rf_network *rf_network_of(PyObject *object);      // borrowed; NULL with a TypeError

extern PyType_Spec rf_channel_spec, rf_buffer_spec, rf_mark_spec, rf_wait_spec, rf_network_spec, rf_interp_spec;
extern PyMethodDef rf_value_methods[], rf_waiting_methods[], rf_network_methods[], rf_interp_methods[];
// Makes the interpreter's state and adds its types. 0, or -1 with an exception.
int rf_add_types(PyObject *module);

typedef struct {
  PyObject_HEAD PyObject *object;
  int mode; // buffer_mode
  bool pickle;
} mark_object;
