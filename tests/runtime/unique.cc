// An extension whose static is an STB_GNU_UNIQUE symbol: one for the process, however often the file is loaded.
// bump() -> how often it was called
#include <Python.h>

template <class T> inline T shared_counter = 0;

extern "C" {
static PyObject *bump(PyObject *, PyObject *) { return PyLong_FromLong(++shared_counter<long>); }
static PyMethodDef methods[] = {{"bump", bump, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};
static PyModuleDef unique_module = {
    PyModuleDef_HEAD_INIT, "unique", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};
__attribute__((visibility("default"))) PyObject *PyInit_unique(void) { return PyModule_Create(&unique_module); }
}
