/* Private copies: gives each interpreter a copy of an extension's shared object, and with it statics of its own, so
 * that an unmodified extension that keeps state in statics runs in isolated interpreters. Linux.
 *
 * What a copy cannot do is an ImportError that says why: thread-locals in the static block run out (some 200 copies of
 * 8 bytes), and libraries that the extension links stay shared, with the state that they keep. PyGILState_Ensure in a
 * thread that Python did not start still leads to the main interpreter. */
#ifndef RINGFENCE_PRIVATE_H
#define RINGFENCE_PRIVATE_H

#include "ringfence.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Copies `path`, loads the copy and runs its PyInit function in the current interpreter. The module is not in
 * sys.modules yet; one with multi-phase initialisation has still to be executed (rf_exec_private). `spec` is its import
 * spec, `name` its full name. A new reference, NULL with an exception. */
RF_API PyObject *rf_load_private(const char *name, const char *path, PyObject *spec);

/* Runs the exec slots of a module of rf_load_private, nothing where it has none. 0, or -1 with an exception. */
RF_API int rf_exec_private(PyObject *module);

/* Unloads the copies of interpreters that this thread has ended. Loading a copy does this too. Python before 3.12 keeps
 * static types in lists of the whole process, so that copies stay loaded there; so does a copy of a file that imports what
 * leaves code behind: functions for exit, threads, keys with destructors, signals, hooks. */
RF_API void rf_release_private(void);

/* Copies now loaded, for tests and diagnosis. */
RF_API size_t rf_private_count(void);

#ifdef __cplusplus
}
#endif
#endif
