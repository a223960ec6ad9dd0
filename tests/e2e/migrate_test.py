"""`ringfence migrate`: what it writes compiles, answers as before in one interpreter, and keeps interpreters apart."""

import pathlib
import re
import shutil
import subprocess
import sysconfig
import tempfile
import textwrap
import unittest

from support import run

SPAM = """\
#include <Python.h>

static PyObject *SpamError;
static int calls;
static PyObject *cache; /* made at first use */
static long limit = 10;
#define COUNT() (calls++)

/* Says how often. */
static PyObject *
spam_count(PyObject *self, PyObject *args)
{
    static PyObject *last;
    if (!cache)
        cache = PyDict_New();
    COUNT();
    Py_XDECREF(last);
    last = PyLong_FromLong(calls + limit);
    Py_INCREF(last);
    return last;
}

static PyObject *
spam_limit(PyObject *self, PyObject *args)
{
    if (!PyArg_ParseTuple(args, "l", &limit))
        return NULL;
    return PyLong_FromLong(limit);
}

static PyMethodDef methods[] = {
    {"count", spam_count, METH_NOARGS, NULL},
    {"limit", spam_limit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL}
};

static int
spam_exec(PyObject *m)
{
    SpamError = PyErr_NewException("spam.Error", NULL, NULL);
    if (SpamError == NULL)
        return -1;
    Py_INCREF(SpamError);
    return PyModule_AddObject(m, "Error", SpamError);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, spam_exec}, {0, NULL}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&def); }
"""

# Two interpreters that share a GIL: `import spam` in each, three calls in the first, then one in the second.
HOST = """
#include <Python.h>
static long count(void) {
  PyObject *m = PyImport_ImportModule("spam"), *r = m ? PyObject_CallMethod(m, "count", NULL) : NULL;
  if (!r) { PyErr_Print(); return -1; }
  long n = PyLong_AsLong(r); Py_DECREF(r); Py_DECREF(m); return n;
}
PyMODINIT_FUNC PyInit_spam(void);
int main(void) {
  PyImport_AppendInittab("spam", PyInit_spam);
  Py_InitializeEx(0);
  PyThreadState *home = PyThreadState_Get();
  count(); count(); long first = count();
  PyThreadState *other = Py_NewInterpreter();
  long second = count();
  Py_EndInterpreter(other);
  PyThreadState_Swap(home);
  printf("%ld %ld %ld\\n", first, second, count());
  return Py_FinalizeEx();
}
"""


class Migrate(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, text, name="spam.c"):
        (self.folder / name).write_text(textwrap.dedent(text))

    def migrate(self, *arguments, code=0):
        done = run("migrate", self.folder, "-q", *arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def answers(self):
        """What the host prints with the sources of the folder."""
        host = self.folder.parent / (self.folder.name + "-host.c")
        host.write_text(HOST)
        program = host.with_suffix("")
        self.addCleanup(host.unlink, missing_ok=True)
        variables = sysconfig.get_config_vars()
        sources = [host, *self.folder.glob("*.c")]
        built = subprocess.run(["cc", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-missing-field-initializers",
                                "-Wno-pedantic", "-isystem", sysconfig.get_path("include"), *sources, "-o", program, "-pthread",
                                f"-L{variables['LIBDIR']}", f"-Wl,-rpath,{variables['LIBDIR']}",
                                "-lpython" + variables["LDVERSION"]], capture_output=True, text=True, check=False)
        self.assertEqual((built.returncode, built.stderr), (0, ""))
        self.addCleanup(program.unlink, missing_ok=True)
        return subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()

    @unittest.skipUnless(sysconfig.get_config_var("Py_ENABLE_SHARED"), "needs a Python with a shared library")
    def test_what_is_moved_keeps_interpreters_apart(self):
        self.write(SPAM)
        self.assertEqual(self.answers(), ["13", "14", "15"])  # the second interpreter counts on: the fault
        self.assertIn("5 of 5 objects moved", self.migrate())
        self.assertEqual(self.answers(), ["13", "11", "14"])
        report = run("scan", self.folder, "-q", "--profile", "own-gil", "--fail-on", "medium", "--limit", "0")
        self.assertEqual(report.returncode, 0, report.stdout)

    def test_a_second_run_edits_nothing(self):
        self.write(SPAM)
        self.migrate()
        before = {file.name: file.read_bytes() for file in self.folder.iterdir()}
        self.assertEqual(sorted(before), ["ringfence.c", "ringfence.h", "spam.c"])
        self.assertIn("0 of 0 objects moved", self.migrate())
        self.assertEqual({file.name: file.read_bytes() for file in self.folder.iterdir()}, before)

    def test_the_text(self):
        self.write(SPAM)
        diff = self.migrate("--dry-run")
        added = re.findall(r"^\+(.*)$", diff, re.MULTILINE)
        for line in ["    PyObject *cache;  /* made at first use */",
                     "    s->limit = 10;",
                     "    Py_CLEAR(s->cache);",
                     "#define COUNT() (RF_GET(spam)->calls++)",
                     "    struct spam_statics *statics = RF_GET(spam);",
                     "    statics->last = PyLong_FromLong(statics->calls + statics->limit);",
                     '    if (!PyArg_ParseTuple(args, "l", &statics->limit))']:
            self.assertIn(line, added)
        self.assertNotIn("    Py_CLEAR(s->SpamError);", added)  # PyModule_AddObject takes the reference over
        self.assertEqual((self.folder / "spam.c").read_text(), SPAM)  # a dry run writes nothing

    def refusal(self, declarations, body="return PyLong_FromLong(x != 0);"):
        self.write(f"""\
            #include <Python.h>
            {declarations}
            PyObject *get(PyObject *self, PyObject *value) {{ x = x + 1; {body} }}
            static PyMethodDef methods[] = {{{{"get", get, METH_O, NULL}}, {{NULL, NULL, 0, NULL}}}};
            static PyModuleDef_Slot slots[] = {{{{0, NULL}}}};
            static PyModuleDef def = {{PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots, NULL, NULL, NULL}};
            PyMODINIT_FUNC PyInit_spam(void) {{ return PyModuleDef_Init(&def); }}
            """)
        output = self.migrate("--plan", "--only", "x", code=1)
        self.assertIn("0 of 1 object moved", output)
        return output

    def test_refusals_say_why_and_where(self):
        for declarations, reason in [
                ("int x;", "spam.c:2: it has external linkage: other units may use it"),
                ("static int x, y; int *py(void) { return &y; }", "spam.c:2: one statement declares it with others"),
                ("static int x; int *const px = &x;", "spam.c:2: a static initialiser takes it, or its address"),
                ("static int x;\n#ifdef NEVER\nint *nx = &x;\n#endif", "its name stands in a branch that was not read"),
                ("static int x;\n#define IT (x + 1)", "its name stands in a macro that nothing expands"),
                ("#define VAR(n) static int n\nVAR(x);", "a macro makes a part of its declaration")]:
            with self.subTest(declarations):
                self.assertIn(reason, self.refusal(declarations))

    def test_what_does_not_compile_stays(self):
        # The struct stands before the first use; there the type of `late` is not known yet.
        self.write("""\
            #include <Python.h>
            static int early;
            static PyObject *use(PyObject *self, PyObject *a) { early++; return PyLong_FromLong(early); }
            typedef struct { int n; } late_type;
            static late_type late;
            static PyObject *use_late(PyObject *self, PyObject *a) { late.n++; return PyLong_FromLong(late.n); }
            static PyMethodDef methods[] = {
                {"use", use, METH_O, NULL}, {"use_late", use_late, METH_O, NULL}, {NULL, NULL, 0, NULL}};
            static PyModuleDef_Slot slots[] = {{0, NULL}};
            static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots, NULL, NULL, NULL};
            PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&def); }
            """)
        output = self.migrate(code=1)
        self.assertIn("spam.c:early becomes RF_GET(spam)->early", output)
        self.assertIn("it does not compile when moved: unknown type name 'late_type'", output)
        self.assertIn("1 of 2 objects moved", output)

    def test_single_phase_init_that_runs_once_is_named(self):
        self.write("""\
            #include <Python.h>
            static PyObject *error;
            static PyObject *get(PyObject *self, PyObject *a) { PyErr_SetNone(error); return NULL; }
            static PyMethodDef methods[] = {{"get", get, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
            static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, -1, methods, NULL, NULL, NULL, NULL};
            PyMODINIT_FUNC PyInit_spam(void) {
                PyObject *m = PyModule_Create(&def);
                error = PyErr_NewException("spam.Error", NULL, NULL);
                return m;
            }
            """)
        self.assertIn("convert the module to multi-phase init first", self.migrate("--plan", code=1))

    def test_links_out_of_the_tree_are_not_written(self):
        with tempfile.TemporaryDirectory() as outside:
            target = pathlib.Path(outside) / "spam.c"
            target.write_text(SPAM)
            (self.folder / "spam.c").symlink_to(target)
            run("migrate", self.folder, "-q")
            self.assertEqual(target.read_text(), SPAM)


if __name__ == "__main__":
    unittest.main()
