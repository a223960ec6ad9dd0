"""The analyser knows the runtime library: the repaired example is clean with the library vendored, linked and from CMake; a module
under a load guard is not told to have one; where the library is the shortest way, advice names it with a line of code, by the module's own name."""

import json
import pathlib
import shutil
import subprocess
import sysconfig
import tempfile
import unittest

import support

RUNTIME = support.PROJECT / "runtime"
REPAIRED = support.FIXTURES / "runtime/repaired/tally.c"
STATE = "RF_STATE(ham, struct ham_state, init, clear)"
GUARD = "return rf_load_guard(&guard, module, real_exec);"
CMAKE = """
cmake_minimum_required(VERSION 3.20)
project(tally LANGUAGES C)
find_package(ringfence-runtime REQUIRED)
add_library(tally MODULE tally.c)
target_include_directories(tally SYSTEM PRIVATE {python})
target_link_libraries(tally PRIVATE ringfence::runtime)
"""
MODULE = """
#include <Python.h>
#include <ringfence.h>
static PyObject *error;
static rf_guard guard = RF_GUARD_INIT(RF_REFUSE_SECOND);
static int fill(PyObject *module) {
  return (error = PyErr_NewException("ham.Error", NULL, NULL)) ? PyModule_AddObjectRef(module, "Error", error) : -1;
}
static int ham_exec(PyObject *module) { return EXEC; }
static PyModuleDef_Slot slots[] = {{Py_mod_exec, ham_exec}, {0, NULL}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "ham", NULL, 0, NULL, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_ham(void) { return PyModuleDef_Init(&def); }
"""


class OwnLibrary(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.python = sysconfig.get_path("include")
        if not pathlib.Path(self.python, "Python.h").exists():
            self.skipTest("no Python headers")

    def compiled(self, *files, flags=()):
        """A compile database for these files of the folder."""
        (self.folder / "compile_commands.json").write_text(json.dumps(
            [{"directory": str(self.folder), "file": file, "arguments": ["cc", "-isystem", self.python, *flags, "-c", file]}
             for file in files]))

    def check_clean(self, *arguments):
        done = support.run("scan", "--fail-on", "high", *arguments, self.folder)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("No problem of risk medium or higher", done.stdout)

    def test_vendored(self):
        for source in (REPAIRED, RUNTIME / "include/ringfence.h", RUNTIME / "src/ringfence.c"):
            shutil.copy(source, self.folder)
        self.compiled("tally.c", "ringfence.c", flags=["-I."])
        self.check_clean()

    def test_linked(self):
        shutil.copy(REPAIRED, self.folder)
        self.compiled("tally.c", flags=[f"-I{RUNTIME / 'include'}"])
        self.check_clean()

    @unittest.skipUnless(shutil.which("cmake"), "needs CMake")
    def test_from_cmake(self):
        shutil.copy(REPAIRED, self.folder)
        (self.folder / "CMakeLists.txt").write_text(CMAKE.format(python=self.python))
        subprocess.run(["cmake", "-S", self.folder, "-B", self.folder / "build", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
                        f"-DCMAKE_PREFIX_PATH={RUNTIME / 'python/ringfence/cmake'}"], check=True, capture_output=True)
        self.assertIn("ringfence.c", (self.folder / "build/compile_commands.json").read_text())
        self.check_clean("-p", self.folder / "build")

    def rules(self, exec_):
        """The rules that speak of a module whose exec slot does this, each with its advice."""
        (self.folder / "ham.c").write_text(MODULE)
        self.compiled("ham.c", flags=[f"-I{RUNTIME / 'include'}", f"-DEXEC={exec_}"])
        report = support.scan(self.folder)
        return {said["rule"].split()[0]: said["advice"] for said in report["objects"] + report["findings"]}

    def test_a_module_under_a_guard_is_not_told_to_have_one(self):
        self.assertLessEqual({"RF310", "RF312"}, set(self.rules("fill(module)")))
        self.assertTrue({"RF310", "RF312", "RF117"}.isdisjoint(self.rules("rf_load_guard(&guard, module, fill)")))

    def test_advice_has_a_line_of_code(self):
        advice = self.rules("fill(module)")
        self.assertIn(GUARD, advice["RF310"])
        self.assertIn(STATE, advice["RF312"])
        self.assertIn(STATE, advice["RF104"])


if __name__ == "__main__":
    unittest.main()
