"""The report's formats as the program prints them: JSON against its schema, the table, the text."""

import contextlib
import json
import os
import pathlib
import pty
import re
import subprocess
import tempfile
import unittest

import jsonschema

import support

SOURCE = b"""
#include "helper.h"
typedef struct { long refs; } PyObject;
PyObject *make(void);
static PyObject *cache; /* caf\xe9 \x1b[31m */
static int counter;
const int answer = 42;
PyObject *get(void) { counter++; if (!cache) cache = make(); return cache; }
"""


USERS = """
#include <Python.h>
static PyObject *by_function, *by_method, *by_slot, *by_both;
static PyObject *function(PyObject *self, PyObject *a) { if (!by_both) by_both = PyDict_New(); return by_function = PyDict_New(); }
static PyObject *method(PyObject *self, PyObject *a) { return by_method = PyDict_New(); }
static PyObject *as_text(PyObject *self) { return by_both ? by_both : (by_slot = PyDict_New()); }
static PyMethodDef functions[] = {{"f", function, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyMethodDef methods[] = {{"m", method, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyType_Slot slots[] = {{Py_tp_methods, methods}, {Py_tp_repr, as_text}, {0, NULL}};
static PyType_Spec spec = {"m.T", 0, 0, Py_TPFLAGS_DEFAULT, slots};
static int exec(PyObject *module) { return PyModule_AddObject(module, "T", PyType_FromSpec(&spec)); }
static PyModuleDef_Slot run[] = {{Py_mod_exec, exec}, {0, NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "m", NULL, 0, functions, run, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_m(void) { return PyModuleDef_Init(&def); }
"""


STRUCT = """
#include <Python.h>
#include <pthread.h>
static struct { pthread_mutex_t mutex; double guarded; double plain; int version; } both;
static void guarded(double x) { pthread_mutex_lock(&both.mutex); both.guarded = x; pthread_mutex_unlock(&both.mutex); }
void set(double x) { guarded(x); both.plain = x; }
double get(void) { return both.guarded + both.plain + both.version; }
"""


SHARED = """
#include <Python.h>
typedef struct { PyObject_HEAD PyObject *parts; } Box; static PyObject *last;
static PyObject *box_parts(Box *self, void *closure)
{
    if (!self->parts)
        self->parts = PyList_New(0);
    return Py_NewRef(self->parts);
}
static PyObject *box_first(Box *self, PyObject *none) { return Py_XNewRef(PyList_GetItem(self->parts, 0)); }
static PyObject *box_keep(Box *self, PyObject *given) { Py_XSETREF(last, Py_NewRef(given)); Py_RETURN_NONE; }
static PyMethodDef methods[] = {{"first", (PyCFunction)box_first, METH_NOARGS, NULL},
    {"keep", (PyCFunction)box_keep, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyGetSetDef members[] = {{"parts", (getter)box_parts, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot slots[] = {{Py_tp_methods, methods}, {Py_tp_getset, members}, {0, NULL}};
PyType_Spec spec = {"m.Box", sizeof(Box), 0, Py_TPFLAGS_DEFAULT, slots};
"""


class ExplainTest(unittest.TestCase):
    """What a finding names that is no object: a member, a call, the function around it."""

    def test_members_calls_and_functions_are_found_by_the_end_of_their_names(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "m.c").write_text(SHARED)

            def explain(subject):
                return support.run("explain", subject, folder, "--world", "build").stdout

            for subject in ("Box::parts", "m.c:Box::parts", "box_parts"):
                text = explain(subject)
                self.assertIn("m.c:Box::parts\n  at m.c:7\n  Box.parts is written on first use", text)
                self.assertIn("[RF512 member-made-on-first-use]", text)
                self.assertIn("m.c:7 in box_parts(): written on first use", text)
                self.assertIn("\nWhy: The test and the write are two steps.", text)
            for subject in ("PyList_GetItem", "box_first"):
                self.assertIn("PyList_GetItem borrows an item of a container that all threads share", explain(subject))
            self.assertIn("m.c:last\n  at m.c:3\n  last keeps an object that Python code registered", explain("box_keep"))
            self.assertEqual(explain("last").count("m.c:last\n"), 1)
            for subject in ("m.c:box_keep", "box_keep()"):
                self.assertIn("m.c:last\n  at m.c:3\n", explain(subject))
            self.assertEqual(explain("nothing_of_that_name"), "")

    def test_a_function_without_findings_and_near_names_are_told(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "m.c").write_text(SHARED + "int twice_of(int x) { return 2 * x; }\n")
            place = f"m.c:{SHARED.count(chr(10)) + 1}"
            for subject in ("twice_of", "m.c:twice_of"):
                self.assertEqual(support.run("explain", subject, folder, "--world", "build").stdout,
                                 f"m.c:twice_of()\n  at {place}: a function; nothing was found in it\n")
            near = support.run("explain", "m.c:keep", folder, "--world", "build")
            self.assertEqual(near.returncode, 2)
            self.assertIn("there is m.c:box_keep", near.stderr)


class StructTest(unittest.TestCase):
    def test_each_member_has_a_verdict_and_the_entry_that_of_the_worst(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "m.c").write_text(STRUCT)
            [both] = support.scan(pathlib.Path(folder), "--world", "build")["objects"]
            self.assertEqual(
                [(each["name"], each["verdict"], each["guard"], each["risk"]["own-gil"]) for each in both["members"]],
                [("plain", "mutable-state", "none", "medium"), ("version", "effectively-constant", "none", "low"),
                 ("guarded", "guarded-process-resource", "lock", "none"), ("mutex", "lock-object", "atomic", "none")])
            self.assertEqual((both["verdict"], both["risk"]["own-gil"]), ("mutable-state", "medium"))
            pathlib.Path(folder, "m.c").write_text(STRUCT.replace("both.plain = x;", ""))
            [moved] = support.scan(pathlib.Path(folder), "--world", "build")["objects"]
            self.assertEqual((moved["verdict"], moved["risk"]["own-gil"]), ("guarded-process-resource", "none"))


class AdviceTest(unittest.TestCase):
    def test_the_way_to_module_state_is_that_of_the_code_and_of_the_oldest_python(self):
        function = "module functions read it with PyModule_GetState"
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "m.c").write_text(USERS)
            for oldest, method, slot in (
                    ("3.8", "methods have no way to it before Python 3.9", "slots and getters read it through a pointer"),
                    ("3.9", "methods read it through their defining class", "slots and getters read it with PyType_GetModuleState"),
                    ("3.11", "methods read it through their defining class", "slots and getters read it with PyType_GetModuleByDef")):
                pathlib.Path(folder, "pyproject.toml").write_text(f'[project]\nname = "m"\nrequires-python = ">={oldest}"\n')
                report = support.scan(pathlib.Path(folder), "--world", "build")
                advice = {each["name"]: each["advice"] for each in report["objects"]}
                self.assertIn(f"advice is for Python {oldest} and later", "\n".join(report["notes"]))
                self.assertIn(f"fills it): {function}.", advice["by_function"])
                self.assertIn(f"fills it): {method}", advice["by_method"])
                self.assertIn(f"fills it): {slot}", advice["by_slot"])
                self.assertIn(f"fills it): {function}; {slot}", advice["by_both"])


    def test_what_another_library_fills_is_to_be_a_local_variable(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "m.c").write_text("void library_version(int what, void *result);\nstatic int version;\n"
                                                   "int show(void) { library_version(1, &version); return version; }\n")
            [version] = support.scan(pathlib.Path(folder), "--world", "build")["objects"]
            self.assertEqual(version["rule"], "RF117 escaping-global-address")
            self.assertIn("Make it a local variable of the function that gives its address to the library", version["advice"])


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.root = pathlib.Path(cls.folder.name, "tree")
        cls.root.mkdir()
        (cls.root / "helper.h").write_text("static int shared;\n")
        (cls.root / "a.c").write_bytes(SOURCE)
        (cls.root / "b.c").write_text('#include "helper.h"\nint *address(void) { return &shared; }\n')

    def run_scan(self, *arguments):
        return support.run("scan", self.root, *arguments)

    def test_json_is_as_its_schema_says(self):
        schema = json.loads((support.PROJECT / "rules/report.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        report = support.scan(self.root)
        jsonschema.Draft202012Validator(schema).validate(report)
        self.assertEqual([set(each["words"]) for each in report["modules"]], [set(report["profiles"])] * len(report["modules"]))
        ids = [entry["id"] for entry in report["objects"]]
        self.assertEqual(ids, ["a.c:answer", "a.c:cache", "a.c:counter", "helper.h:shared"])
        cache = report["objects"][1]
        self.assertEqual((cache["file"], cache["line"], cache["function"]), ("a.c", 5, None))
        self.assertEqual(cache["writes"]["sites"][0]["line"], 8)
        self.assertFalse(report["accounting"]["incomplete"])

    def test_an_excluded_file_that_others_include_is_left_out(self):
        report = support.scan(self.root, "--exclude", "helper.h")
        self.assertEqual([entry["id"] for entry in report["objects"]], ["a.c:answer", "a.c:cache", "a.c:counter"])
        self.assertEqual(sum(report["accounting"]["objects_by_verdict"].values()), 3)
        self.assertEqual(len(report["units"]), 2)

    def test_a_broken_unit_stands_in_the_report(self):
        schema = json.loads((support.PROJECT / "rules/report.schema.json").read_text())
        with tempfile.TemporaryDirectory() as folder:
            broken = pathlib.Path(folder, "broken.c")
            broken.write_text("static int before;\nint f( { syntax error\nstatic int after;\n")
            done = support.run("scan", "--format", "json", folder)
            self.assertEqual(done.returncode, 3)
            report = json.loads(done.stdout)
            jsonschema.Draft202012Validator(schema).validate(report)
            self.assertTrue(report["accounting"]["incomplete"])
            self.assertEqual(report["units"][0]["status"], "partial")
            text = support.run("scan", folder).stdout
            self.assertIn("The analysis is incomplete.", text)
            self.assertIn("broken.c", text.split("incomplete.")[1])

    def test_the_table_has_one_row_per_object(self):
        rows = self.run_scan("--format", "tsv").stdout.splitlines()
        self.assertEqual(len(rows), 5)
        self.assertEqual({row.count("\t") for row in rows}, {rows[0].count("\t")})

    def test_the_text_shows_the_source_and_nothing_drives_the_terminal(self):
        done = self.run_scan("--limit", "0", "--color", "never")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("| static PyObject *cache;", done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        self.assertIn("caf\\xe9", done.stdout)

    def test_a_terminal_shows_each_note_once(self):
        master, slave = pty.openpty()
        with open(master, "rb", buffering=0) as screen:
            subprocess.run([support.ringfence(), "scan", self.root, "--color", "never"], stdin=subprocess.DEVNULL,
                           stdout=slave, stderr=slave, check=False)
            os.close(slave)
            shown = b""
            with contextlib.suppress(OSError): # the end of a terminal
                while part := screen.read(65536):
                    shown += part
        notes = re.findall(rb"(?m)^note: (.*?)\r?$", shown)
        self.assertTrue(notes)
        for note in notes:
            self.assertEqual(shown.count(note), 1)

    def test_any_number_of_jobs_gives_the_same_bytes(self):
        for form in ("json", "tsv", "text"):
            one, two = (self.run_scan("--format", form, jobs).stdout for jobs in ("-j1", "-j2"))
            self.assertEqual(one, two)

    def test_a_scan_from_another_folder_gives_the_same_objects(self):
        here = support.scan(self.root)
        there = support.scan(".", cwd=self.root)
        self.assertEqual(here["objects"], there["objects"])


if __name__ == "__main__":
    unittest.main()
