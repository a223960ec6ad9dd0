// An extension that leaves something behind which calls its code later: a function for Python's exit, a thread, a
// thread's key with a destructor, a hook of Python's, a function that a linked library keeps (keeps_function.c).
//   -DLEAVES=1|2|3|4|5, 0: nothing
#include <Python.h>

#include <pthread.h>
#include <unistd.h>

static volatile int runs;
#if LEAVES == 1
static void at_exit(void) { runs++; }
#elif LEAVES == 2
static void *loop(void *unused) {
  for (;;) {
    usleep(1000);
    runs++;
  }
  return unused;
}
#elif LEAVES == 3
static void key_gone(void *unused) {
  (void)unused;
  runs++;
}
#elif LEAVES == 4
static PyObject *open_code(PyObject *path, void *unused) {
  (void)unused;
  runs++;
  PyObject *io = PyImport_ImportModule("_io"), *file = io ? PyObject_CallMethod(io, "open", "Os", path, "rb") : NULL;
  Py_XDECREF(io);
  return file;
}
#elif LEAVES == 5
void call_last_and_keep(void (*function)(void));
static void kept(void) { runs++; }
#endif

static PyModuleDef leaves_def = {PyModuleDef_HEAD_INIT, NAME, NULL, -1, NULL, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC INIT(void) {
#if LEAVES == 1
  Py_AtExit(at_exit);
#elif LEAVES == 2
  pthread_t thread;
  pthread_create(&thread, NULL, loop, NULL);
  pthread_detach(thread);
#elif LEAVES == 3
  static pthread_key_t key;
  pthread_key_create(&key, key_gone);
  pthread_setspecific(key, &leaves_def);
#elif LEAVES == 4
  if (PyFile_SetOpenCodeHook(open_code, NULL) < 0) // Python keeps the first
    PyErr_Clear();
#elif LEAVES == 5
  call_last_and_keep(kept);
#endif
  runs++;
  return PyModule_Create(&leaves_def);
}
