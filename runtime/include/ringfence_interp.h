/* Interpreters, each with a thread that makes it, runs it and ends it. Python 3.9 to 3.14, POSIX threads.
 *
 * Others post work to that thread. Whoever calls one of these functions holds no thread state (Py_BEGIN_ALLOW_THREADS), so
 * that C threads without Python can, too. A handle is counted, and stays usable when its interpreter has ended. */
#ifndef RINGFENCE_INTERP_H
#define RINGFENCE_INTERP_H

#include <Python.h>

#include "ringfence_channel.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rf_interp rf_interp;

typedef enum rf_gil {
  RF_GIL_SHARED, /* with the main interpreter */
  RF_GIL_OWN,    /* from Python 3.12 on */
  RF_GIL_BEST    /* own where there is such a thing, else shared */
} rf_gil;

typedef struct rf_interp_config {
  const char *name; /* copied; NULL: none */
  rf_gil gil;
  int own_allocator;                       /* 1 or 0; -1: with a GIL of its own. An own GIL needs an own allocator */
  int threads, daemon_threads, fork, exec; /* whether code in it may start them. Enforced by Python from 3.12 on */
  int check_extensions;                    /* refuse extensions that claim no support; -1: with a GIL of its own */
} rf_interp_config;
#define RF_INTERP_CONFIG                                                                                               \
  { NULL, RF_GIL_BEST, -1, 1, 0, 0, 0, -1 }

/* Waits until it is made. One reference; NULL with a reason in `*error`, which is static. */
RF_API rf_interp *rf_interp_create(const rf_interp_config *config, const char **error);
RF_API void rf_interp_retain(rf_interp *interp);
RF_API void rf_interp_release(rf_interp *interp); /* NULL is allowed; the last one does not end the interpreter */

typedef enum rf_interp_state {
  RF_INTERP_IDLE,
  RF_INTERP_RUNNING,
  RF_INTERP_CLOSING,
  RF_INTERP_CLOSED,
  RF_INTERP_DEAD
} rf_interp_state;
RF_API rf_interp_state rf_interp_state_of(rf_interp *interp); /* DEAD: its thread is gone without having ended it */
RF_API int64_t rf_interp_id(const rf_interp *interp);         /* as PyInterpreterState_GetID; -1 while it is made */
RF_API int rf_interp_has_own_gil(const rf_interp *interp);
RF_API const char *rf_interp_name(const rf_interp *interp);

typedef enum rf_work_event {
  RF_WORK_RUN,  /* in the interpreter's thread, with its thread state; no exception may be left */
  RF_WORK_DROP, /* it will not run: the interpreter was told to end at once */
  RF_WORK_LOST  /* the thread died in it; without Python */
} rf_work_event;
typedef void (*rf_work)(void *argument, rf_work_event event);

/* Queues work, which is called exactly once with RUN or DROP, and after RUN perhaps with LOST. RF_OK, RF_CLOSED where the
 * interpreter takes no more (nothing is called), RF_NO_MEMORY. */
RF_API rf_status rf_interp_post(rf_interp *interp, rf_work work, void *argument);

/* In work: it is done but for its answer, and not to be interrupted any more. */
RF_API void rf_interp_work_done(void);

/* Raises `exception`, a static class, in the work that runs now; nothing where none does. Waits with rf_interp_waits end,
 * and take it with rf_interp_take_interrupt; other code in C notices when it returns to Python. 1 where something ran. */
RF_API int rf_interp_interrupt(rf_interp *interp, PyObject *exception);
RF_API rf_cancel *rf_interp_waits(rf_interp *interp); /* borrowed; for all waits of work in the interpreter */
RF_API PyObject *rf_interp_take_interrupt(void);      /* in its thread: borrowed, NULL: there is none */

/* The one whose thread this is, borrowed; NULL elsewhere. */
RF_API rf_interp *rf_interp_of_thread(void);

/* As PyEval_SaveThread and PyEval_RestoreThread, for waits on channels: faster where the partner has the same GIL. */
RF_API PyThreadState *rf_gil_give_up(void);
RF_API void rf_gil_take(PyThreadState *thread);

/* No more work is taken; the interpreter ends when what was posted is done, with `at_once` after what runs now. Returns
 * without waiting. */
RF_API void rf_interp_begin_close(rf_interp *interp, int at_once);
/* Closed when the interpreter has ended: what to wait for, with rf_select and RF_PEEK. Borrowed. */
RF_API rf_channel *rf_interp_ended(rf_interp *interp);

/* The live ones, a reference each; how many there are. `list` has room for `room` and may be NULL. */
RF_API size_t rf_interp_list(rf_interp **list, size_t room);

/* Whether rf_interp_create refuses from now on, as the program ends. Those that are being made are live, and so listed. */
RF_API void rf_interp_refuse_new(int refuse);

/* Called in the interpreter's thread before it ends, with its thread state; NULL: nothing is. For all, set once. */
RF_API extern void (*rf_interp_before_end)(void);

#ifdef __cplusplus
}
#endif
#endif
