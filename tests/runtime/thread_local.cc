// An extension with a thread-local that has a destructor, and is not to be used after it.
// use() -> how often this thread called it
#include <Python.h>

#include <cstdlib>

static thread_local bool destroyed;
struct Counter {
  long uses = 0;
  ~Counter() { destroyed = true; }
};
static thread_local Counter counter;

extern "C" {
static PyObject *use(PyObject *, PyObject *) {
  long uses = ++counter.uses;
  if (destroyed)
    std::abort();
  return PyLong_FromLong(uses);
}
static PyMethodDef methods[] = {{"use", use, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};
static PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "thread_local", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};
__attribute__((visibility("default"))) PyObject *PyInit_thread_local(void) { return PyModule_Create(&module); }
}
