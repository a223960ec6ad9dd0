"""scripts/accuracy on reports and labels that lie here, and the labels of tests/accuracy themselves."""

import csv
import json
import pathlib
import subprocess
import tempfile
import unittest

import support

ACCURACY = support.PROJECT / "scripts/accuracy"
LABELS = sorted((support.PROJECT / "tests/accuracy/labels").glob("*.tsv"))
PROFILES = ("shared-gil", "own-gil", "free-threaded", "multi-init")
HEADER = ("id", "place", "drawn", "verdict", *PROFILES, "why", "revised")


def label(name, verdict, *risks, drawn="random", revised=""):
    return (f"m.c:{name}", "m.c:1", drawn, verdict, *risks, "a reason", revised)


def answer(name, verdict, rule, *risks):
    return {"id": f"m.c:{name}", "verdict": verdict, "rule": rule, "risk": dict(zip(PROFILES, risks))}


class AccuracyTest(unittest.TestCase):
    def test_counts(self):
        rows = [label("same", "object-cache", "high", "high", "medium", "high"),
                label("other_verdict", "constant", "none", "none", "none", "none"),
                label("false_alarm", "constant", "none", "none", "none", "none", drawn="verdict"),
                label("missing", "object-cache", "high", "high", "medium", "high", drawn="verdict", revised="was low")]
        objects = [answer("same", "object-cache", "RF101", "high", "high", "medium", "high"),
                   answer("other_verdict", "effectively-constant", "RF116", "none", "low", "low", "none"),
                   answer("false_alarm", "static-type", "RF201", "medium", "high", "medium", "medium")]
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            (folder / "labels").mkdir()
            (folder / "labels/tree.tsv").write_text("".join("\t".join(row) + "\n" for row in (HEADER, *rows)))
            (folder / "tree.json").write_text(json.dumps({"objects": objects}))
            done = subprocess.run([ACCURACY, "--reports", folder, "--folder", folder, "--record"], capture_output=True,
                                  text=True, check=True)
            recorded = (folder / "answers/tree.tsv").read_text().splitlines()
        lines = [line.split("  ") for line in done.stdout.splitlines()]
        figures = {line[0]: [word.strip() for word in line[1:] if word.strip()] for line in lines}
        self.assertEqual(figures["all"], ["1/4 = 25.0 % (5 to 70)", "2/4 = 50.0 % (15 to 85)"])
        self.assertEqual(figures["drawn at random"], ["1/2 = 50.0 % (9 to 91)", "2/2 = 100.0 % (34 to 100)"])
        self.assertEqual(figures["own-gil"], ["2/4 = 50.0 % (15 to 85)", "1/2 = 50.0 % (9 to 91)", "1/2 = 50.0 % (9 to 91)"])
        self.assertEqual(figures["free-threaded"], ["2/4 = 50.0 % (15 to 85)", "none", "none"])
        self.assertIn("4 labels, 1 of them revised after the verdict was seen, 1 not in the reports", done.stdout)
        self.assertEqual(recorded[1], "m.c:same\tobject-cache\tRF101\thigh\thigh\tmedium\thigh")
        self.assertEqual(len(recorded), 4)

    def test_labels_are_well_formed(self):
        rules = [json.loads(path.read_text()) for path in (support.PROJECT / "rules").glob("RF*.json")]
        verdicts = {rule["verdict"] for rule in rules if "verdict" in rule}
        seen = set()
        for path in LABELS:
            with open(path, encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
            for row in rows:
                with self.subTest(tree=path.stem, id=row["id"]):
                    self.assertEqual(tuple(row), HEADER)
                    self.assertNotIn((path.stem, row["id"]), seen)
                    self.assertRegex(row["drawn"], r"^(random|verdict)(-[234567])?$")
                    self.assertTrue(row["why"])
                    self.assertTrue(all(row[profile] in ("none", "low", "medium", "high") for profile in PROFILES))
                    self.assertIn(row["verdict"], verdicts)
                seen.add((path.stem, row["id"]))
        self.assertEqual(len(seen), 800)


MODULE = """#include <Python.h>
static %sPyObject *cache;
static PyObject *get(PyObject *m, PyObject *name) {
    if (!cache) cache = PyImport_Import(name);
    return Py_NewRef(cache);
}
static PyMethodDef methods[] = {{"get", get, METH_O, NULL}, {NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "m", NULL, 0, methods};
PyMODINIT_FUNC PyInit_m(void) { return PyModuleDef_Init(&def); }
"""


class FixesTest(unittest.TestCase):
    def test_before_and_after(self):
        def git(*arguments):
            subprocess.run(["git", "-C", clone, "-c", "user.name=a", "-c", "user.email=a@b", *arguments], check=True,
                           capture_output=True)

        with tempfile.TemporaryDirectory() as scratch:
            clone = pathlib.Path(scratch) / "owner/name"
            clone.mkdir(parents=True)
            git("init")
            for number, storage in enumerate(("", "_Thread_local ")):
                (clone / "m.c").write_text(MODULE % storage)
                git("add", "m.c")
                git("commit", "-m", str(number))
            fix = {"repository": "owner/name", "commit": "HEAD", "date": "2026-01-01", "paths": ["m.c"], "units": ["m.c"],
                   "profile": "free-threaded", "subjects": ["m.c:cache", "m.c:no_such"], "what": "a cache"}
            fixes = pathlib.Path(scratch) / "fixes.json"
            fixes.write_text(json.dumps({"fixes": [fix]}))
            done = subprocess.run([support.PROJECT / "scripts/fixes", scratch, "--numpy", scratch, "--list", fixes,
                                   "--program", support.ringfence()], capture_output=True, text=True, check=True)
        self.assertIn("| name | HEAD, 2026-01 | a cache | free-threaded | 1 of 2 | 1 of 1 |", done.stdout)
        self.assertIn("0 of 1 fixes are found in full", done.stdout)


if __name__ == "__main__":
    unittest.main()
