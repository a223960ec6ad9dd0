"""ringfence migrate --prove: its outcome on a small project, and what each part of it says."""

import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

import jsonschema

from support import PROJECT, run

sys.path.insert(0, str(PROJECT / "runtime/python"))
from ringfence.proof import commands, document, judge, project, trees  # noqa: E402

SCHEMA = json.loads((PROJECT / "rules/proof.schema.json").read_text())
NEST = """
#include <Python.h>
typedef struct { PyObject_HEAD } Egg;
static PyObject *last;
static void egg_dealloc(PyObject *self) { Py_TYPE(self)->tp_free(self); }
static PyTypeObject EggType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "nest.Egg", .tp_basicsize = sizeof(Egg), .tp_dealloc = egg_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT, .tp_new = PyType_GenericNew,
};
static PyObject *keep(PyObject *self, PyObject *value)
{
    PyObject *made = PyTuple_Pack(1, value), *before = last;
    last = made;
    Py_XDECREF(before);
    return PyLong_FromSsize_t(PyTuple_GET_SIZE(made));
}
static PyMethodDef methods[] = {{"keep", keep, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef nest_module = {PyModuleDef_HEAD_INIT, "nest", NULL, -1, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_nest(void)
{
    PyObject *m = PyModule_Create(&nest_module);
    if (m == NULL)
        return NULL;
    if (PyType_Ready(&EggType) < 0)
        return NULL;
    Py_INCREF(&EggType);
    PyModule_AddObject(m, "Egg", (PyObject *)&EggType);
    return m;
}
"""
SETUP = """
from setuptools import Extension, setup
setup(name="nest", version="1", ext_modules=[Extension("nest", ["nest.c"])])
"""
TEST = """
import unittest
import nest
class Test(unittest.TestCase):
    def test_keep(self):
        self.assertEqual(nest.keep("a"), 1)
    def test_egg(self):
        self.assertEqual(type(nest.Egg()).__module__, "nest")
"""
EXERCISE = "import nest\nfor i in range(20000): result = nest.keep([i]); nest.Egg()"


def own_gil_python():
    lines = subprocess.run([PROJECT / "scripts/pythons"], capture_output=True, text=True, check=True).stdout.splitlines()
    own = [line.split("\t")[0] for line in lines if line.endswith("gil\town")]
    if not own:
        raise unittest.SkipTest("no Python 3.12 or later")
    return own[-1]


class Whole(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tree = self.folder / "nest"
        self.tree.mkdir()
        for name, text in (("nest.c", NEST), ("setup.py", SETUP), ("test_nest.py", TEST)):
            (self.tree / name).write_text(text)

    def prove(self, *arguments):
        done = run("migrate", self.tree, "--to", "isolated", "--prove", "--report", self.folder / "report", *arguments)
        self.assertTrue((self.folder / "report/proof.json").exists(), done.stderr)
        proof = json.loads((self.folder / "report/proof.json").read_text())
        jsonschema.validate(proof, SCHEMA)
        if "pip cannot install" in done.stderr:
            self.skipTest(done.stderr)
        return done, proof

    def test_a_small_project_is_proved(self):
        done, proof = self.prove("--on", own_gil_python(), "--build", "python setup.py build_ext --inplace --force",
                                 "--test", "python -m unittest -v test_nest", "--exercise", EXERCISE)
        self.assertEqual((proof["outcome"], proof["reasons"]), ("proved", []), done.stderr)
        self.assertEqual(done.returncode, 0)
        self.assertEqual((proof["migration"]["moved"], proof["migration"]["refused"]), (4, 0))
        row = proof["pythons"][0]
        self.assertEqual((row["tests"]["before"]["passed"], row["tests"]["after"]["passed"]), (2, 2))
        self.assertNotEqual(row["exercise"][0]["before"]["status"], "passed")
        self.assertEqual(row["exercise"][0]["after"]["status"], "passed")
        self.assertIn("runs the project's own build and tests", done.stderr)
        self.assertIn("+    struct nest_statics *statics = RF_GET(nest);\n", (self.folder / "report/change.diff").read_text())
        self.assertIn("PER_INTERPRETER_GIL", (self.folder / "report/claims.diff").read_text())
        self.assertEqual(sorted(path.name for path in self.tree.iterdir()), ["nest.c", "setup.py", "test_nest.py"])
        self.assertEqual((self.tree / "nest.c").read_text(), NEST)

    def test_a_build_that_fails_is_told(self):
        done, proof = self.prove("--on", own_gil_python(), "--build", "echo error: no compiler; exit 4")
        self.assertEqual((done.returncode, proof["outcome"]), (3, "failed"))
        self.assertEqual(proof["reasons"], ["the build failed: error: no compiler"])

    def test_its_options_ask_for_it(self):
        done = run("migrate", self.tree, "--test", "true")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--test requires --prove", done.stderr)


def python_row(**changed):
    tests = {"exit": 0, "seconds": 1.0, "passed": 5, "failed": 0, "skipped": 0}
    exercise = {"gil": "own", "findings": []}
    return {"python": "3.13.0", "free_threaded": False, "failed": {"before": None, "after": None}, "new_warnings": [],
            "tests": {"before": tests, "after": tests}, "newly_failing": [], "type_differences": [],
            "exercise": [{"module": "m", "before": {**exercise, "status": "findings"}, "after": {**exercise, "status": "passed"}}],
            "references": {"before": [], "after": []}, "time": None, **changed}


def proof_of(*rows, **changed):
    return {"schema": document.SCHEMA, "outcome": "failed", "reasons": [], "project": "p", "ringfence": "0.1.0", "to": "isolated",
            "commands": {"build": "make", "test": "make test", "test_of": "--test"},
            "migration": {"moved": 1, "refused": 0, "second_run": "nothing", "diff": {"added": 2, "removed": 1}, "to_build": [],
                          "files": {}, "stages": [{"stage": "slots", "moved": [{"object": "a.c:x", "becomes": "y", "note": None}],
                                                   "refused": []}]},
            "claims": {"made": True, "modules": ["m"]},
            "scan": {"before": [], "after": [{"module": "m", "claims": True, "verdict": "holds", "against": []}]},
            "pythons": list(rows), **changed}


class Outcome(unittest.TestCase):
    def judged(self, *rows, **changed):
        proof = proof_of(*rows, **changed)
        judge.judge(proof)
        jsonschema.validate(proof, SCHEMA)
        return proof["outcome"], proof["reasons"]

    def test_all_shown(self):
        self.assertEqual(self.judged(python_row()), ("proved", []))

    def test_what_passes_before_too_proves_nothing(self):
        row = python_row()
        row["exercise"][0]["before"]["status"] = "passed"
        outcome, reasons = self.judged(row)
        self.assertEqual(outcome, "not-proved")
        self.assertIn("what is exercised shows nothing", reasons[0])

    def test_what_is_worse(self):
        references = {"before": [], "after": [{"type": "m.T", "how": "m.T()", "per_thousand": 1000}]}
        for row, said in [
                (python_row(newly_failing=["t::one"]), "Python 3.13.0: fails now: t::one"),
                (python_row(new_warnings=["unused [-Wunused]"]), "Python 3.13.0: new warning: unused [-Wunused]"),
                (python_row(references=references), "Python 3.13.0: m.T() leaves 1000 references to m.T per 1,000"),
                (python_row(failed={"before": None, "after": "the build failed: x"}), "Python 3.13.0: the build failed: x"),
                (python_row(type_differences=[{"type": "m.T", "what": "module", "before": "m", "after": "builtins", "expected": False}]),
                 "Python 3.13.0: m.T: module was m, is builtins")]:
            with self.subTest(said):
                self.assertEqual(self.judged(row), ("worse", [said]) if "failed: x" not in said else (
                    "worse", [said, "Python 3.13.0, after: the build failed: x"]))

    def test_newly_failing_tests_by_name_and_by_count(self):
        before = {"exit": 0, "passed": 2, "failed": 0, "cases": {"a": "passed", "b": "passed", "c": "failed"}}
        self.assertEqual(judge.newly_failing(before, dict(before, cases={"a": "passed", "b": "error", "c": "failed"})), ["b"])
        self.assertEqual(judge.newly_failing(before, dict(before, cases={"a": "passed", "c": "failed"})), ["b"])
        self.assertEqual(judge.newly_failing(dict(before, cases=None), dict(before, cases=None, passed=1, failed=1)),
                         ["2 passed and 0 failed before, 1 and 1 after"])

    def test_what_a_heap_type_cannot_have_otherwise(self):
        for what, before, after, version, expected in [
                ("attributes", ["__doc__", "__new__", "f"], ["__doc__", "f"], (3, 13), True),
                ("attributes", ["__doc__", "f"], ["__doc__"], (3, 13), False),
                ("attributes", ["f"], ["f", "set by code"], (3, 9), True),
                ("attributes", ["f"], ["f", "set by code"], (3, 10), False),
                ("doc", None, "", (3, 13), True),
                ("doc", None, "more", (3, 13), False),
                ("module of instances", "AttributeError: x", "m", (3, 13), True),
                ("module of instances", "of an instance", "m", (3, 13), False),
                ("module", "builtins", "m", (3, 13), True),
                ("module", "builtins", "n", (3, 13), False),
                ("module", "m", "builtins", (3, 13), False),
                ("attributes can be set", False, True, (3, 9), True),
                ("attributes can be set", False, True, (3, 10), False)]:
            with self.subTest(what, version=version, before=before):
                row = {"type": "m.T", "what": what, "before": before, "after": after}
                self.assertEqual(judge.is_expected(row, version), expected)

    def test_a_type_that_answers_for_the_module_of_instances(self):
        before = {"m.T": {"instances get a module": True, "attributes": ["f"], "module of instances": "o"}}
        after = {"m.T": {"instances get a module": False, "attributes": ["__delattr__", "__getattribute__", "__setattr__", "f"],
                         "module of instances": "o"}}
        rows = judge.type_differences(before, after)
        self.assertEqual([row["what"] for row in rows], ["attributes", "instances get a module"])
        self.assertEqual(judge.answered(rows), {"m.T"})
        for row in rows:
            self.assertTrue(judge.is_expected(row, (3, 13), True))
            self.assertFalse(judge.is_expected(row, (3, 13)))

    def test_what_becomes_picklable_differs_and_another_refusal_does_not(self):
        refused, other = {"pickled, protocol 2": "TypeError: no"}, {"pickled, protocol 2": "TypeError: not so"}
        self.assertEqual(judge.type_differences({"T": refused}, {"T": other}), [])
        self.assertEqual(len(judge.type_differences({"T": refused}, {"T": {"pickled, protocol 2": "works"}})), 1)
        for old, count in [("TypeError: Base() takes no arguments", 0), ("TypeError: no", 1)]:
            self.assertEqual(len(judge.type_differences({"T": {"pickled, protocol 1": old}}, {"T": {"pickled, protocol 1": "works"}})), count)

    def test_a_type_that_gets_its_module_is_the_same_one(self):
        self.assertEqual(judge.type_differences({"builtins.T": {"size": 16}}, {"m.T": {"size": 24}}),
                         [{"type": "m.T", "what": "size", "before": 16, "after": 24}])

    def test_types_that_differ(self):
        self.assertEqual(judge.type_differences({"T": {"size": 16, "doc": "d"}, "U": {}}, {"T": {"size": 24, "doc": "d"}}), [
            {"type": "T", "what": "size", "before": 16, "after": 24}, {"type": "U", "what": "exists", "before": True, "after": False}])


class Documents(unittest.TestCase):
    def test_nothing_of_a_project_becomes_markup(self):
        evil = "<script>alert(1)</script>|`x`\n# head"
        row = python_row(newly_failing=[evil], new_warnings=[evil])
        proof = proof_of(row, project=evil)
        proof["migration"]["stages"][0]["moved"][0]["object"] = evil
        judge.judge(proof)
        page = document.as_html(proof, "+" + evil)
        self.assertNotIn("<script", page)
        self.assertNotIn("\n# head", document.as_markdown(proof))

    def test_markdown_says_the_outcome_first(self):
        proof = proof_of(python_row())
        judge.judge(proof)
        self.assertEqual(document.as_markdown(proof).splitlines()[0], "# Migration of `p`: proved")


def state_of(pid):
    """"" where there is no such process; Z: it has ended, and nobody has asked how."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


class Parts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_a_copy_holds_no_way_out(self):
        tree = self.folder / "tree"
        (tree / "src").mkdir(parents=True)
        (tree / "src/a.c").write_text("")
        (tree / "src/a.so").write_text("")
        (tree / ".git").mkdir()
        os.symlink("src/a.c", tree / "inside")
        os.symlink("/etc", tree / "outside")
        os.symlink("../elsewhere", tree / "above")
        os.symlink(tree / "src", tree / "absolute")
        links = trees.copy(tree, self.folder / "copy")
        self.assertEqual(sorted(links), ["above", "absolute", "outside"])
        self.assertEqual(sorted(path.name for path in (self.folder / "copy").iterdir()), ["inside", "src"])
        self.assertEqual([path.name for path in (self.folder / "copy/src").iterdir()], ["a.c"])

    def test_nothing_of_a_command_is_left_running(self):
        runner = commands.Runner(self.folder, 1)
        pid = self.folder / "pid"
        start = time.monotonic()
        done = runner.run(f"setsid sh -c 'echo $$ > {pid}; sleep 60' & sleep 60", self.folder)
        self.assertIsNone(done.code)
        self.assertLess(time.monotonic() - start, 20)
        self.assertIn(state_of(pid.read_text().strip()), ("", "Z"))

    def test_commands_have_their_home_in_the_folder(self):
        done = commands.Runner(self.folder, 10).run("echo $HOME $TMPDIR", self.folder)
        self.assertEqual(done.output.split(), [str(self.folder / "home"), str(self.folder / "tmp")])

    def test_how_a_project_is_tested(self):
        for name, text, command in [
                ("pyproject.toml", '[tool.cibuildwheel]\ntest-command = "pytest {project}/tests"\n', "pytest ./tests"),
                ("setup.py", "setup(test_suite='spam.tests')", "python -m unittest spam.tests"),
                ("test_spam.py", "", "python -m pytest -q"),
                ("spam.c", "", None)]:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                (pathlib.Path(folder) / name).write_text(textwrap.dedent(text))
                if name == "pyproject.toml" and not project.tomllib:
                    continue
                self.assertEqual(project.Project(pathlib.Path(folder)).test, command)
        self.assertEqual(project.Project(self.folder, test="make check").test, "make check")


if __name__ == "__main__":
    unittest.main()
