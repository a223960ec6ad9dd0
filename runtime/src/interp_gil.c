/* Giving the GIL up for a wait, and taking it after one. Whoever was handed a message wants the GIL, which its partner often
 * still has, and gives up at once to wait itself. To sleep for that would cost more than all the rest. */
#include "interp_core.h"

/* Of the main interpreter's GIL. 1: a wait gave it up last, 0: a wait took it last; what happens outside of waits is not
 * seen here, so it is a hint. */
static uint32_t is_free;

static bool has_own_gil(void) {
#ifdef Py_GIL_DISABLED
  return true;
#else
  const rf_interp *own = rf_interp_of_thread();
  return own && own->own_gil;
#endif
}

PyThreadState *rf_gil_give_up(void) {
  PyThreadState *thread = PyEval_SaveThread();
  if (!has_own_gil())
    __atomic_store_n(&is_free, 1, __ATOMIC_RELEASE);
  return thread;
}

void rf_gil_take(PyThreadState *thread) {
  static __thread rf_luck luck;
  bool shared = !has_own_gil();
  if (shared)
    rf_look_briefly(&is_free, 1, &luck);
  PyEval_RestoreThread(thread);
  if (shared)
    __atomic_store_n(&is_free, 0, __ATOMIC_RELEASE);
}
