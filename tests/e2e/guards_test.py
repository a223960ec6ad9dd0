"""What a guard against a second load protects: a flag of the process from every one, an interpreter's number from others alone."""

import pathlib
import tempfile
import unittest

import support

MODULE = """#include <Python.h>
#include <stdint.h>
static PyObject *error;
%s
static int spam_exec(PyObject *module) {
    %s
    return (error = PyErr_NewException("spam.Error", NULL, NULL)) ? 0 : -1;
}
static PyModuleDef_Slot slots[] = {{Py_mod_exec, spam_exec}, {0, NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, NULL, slots};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&def); }
"""
REFUSE = 'PyErr_SetString(PyExc_ImportError, "loaded before"); return -1;'
FLAG = ("static int loaded;", "if (loaded) { %s } loaded = 1;" % REFUSE)
NUMBER = ("static int64_t owner = -1;",
          "int64_t here = PyInterpreterState_GetID(PyInterpreterState_Get());"
          "if (owner == -1) owner = here; else if (owner != here) { %s }" % REFUSE)


class GuardsTest(unittest.TestCase):
    def risk(self, guard):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "spam.c").write_text(MODULE % guard)
            report = support.scan(folder)
        return next(entry["risk"] for entry in report["objects"] if entry["name"] == "error")

    def test_without_a_guard(self):
        self.assertEqual(self.risk(("", "")), {"shared-gil": "high", "own-gil": "high", "free-threaded": "medium",
                                               "multi-init": "high"})

    def test_a_flag_of_the_process(self):
        self.assertEqual(self.risk(FLAG), {"shared-gil": "low", "own-gil": "high", "free-threaded": "medium",
                                           "multi-init": "low"})

    def test_an_interpreters_number_is_the_same_after_finalisation(self):
        self.assertEqual(self.risk(NUMBER), {"shared-gil": "low", "own-gil": "high", "free-threaded": "medium",
                                             "multi-init": "medium"})


if __name__ == "__main__":
    unittest.main()
