"""scripts/sweep on sources that lie here: the table and the page, what failed, resuming, and what is left on the disk."""

import csv
import gzip
import json
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

import support

SWEEP = support.PROJECT / "scripts/sweep"
# The native part of a package without build modules: its setup.py is any program that calls a compiler.
SETUP = """import subprocess, sysconfig
subprocess.run(["cc", "-I" + sysconfig.get_path("include"), "-c", "m.c", "-o", "m.o"], check=True)
"""
MODULE = """#include <Python.h>
static PyObject *cache;
static PyObject *get(PyObject *m, PyObject *name) {
    if (!cache) cache = PyImport_Import(name);
    return Py_NewRef(cache);
}
static PyMethodDef methods[] = {{"get", get, METH_O, NULL}, {NULL}};
static PyModuleDef_Slot slots[] = {%s{0, NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "m", NULL, 0, methods, slots};
PyMODINIT_FUNC PyInit_m(void) { return PyModuleDef_Init(&def); }
"""
CLAIM = """
#ifndef Py_mod_multiple_interpreters
#define Py_mod_multiple_interpreters 3
#define Py_MOD_PER_INTERPRETER_GIL_SUPPORTED ((void *)2)
#endif
#ifndef Py_mod_gil
#define Py_mod_gil 4
#define Py_MOD_GIL_NOT_USED ((void *)1)
#endif
#ifdef Py_GIL_DISABLED
#define NO_GIL {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#else
#define NO_GIL
#endif
"""


class SweepTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        (self.root / "packages").write_text("# a comment\nclaims bookworm C by hand\nsilent bookworm C\nbroken bookworm\ngone\n")
        claim = "{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED}, NO_GIL "
        self.package("claims", SETUP, MODULE.replace("static PyObject *cache", CLAIM + "static PyObject *cache", 1) % claim)
        self.package("silent", SETUP, MODULE % "\n#ifdef NEVER\n{Py_mod_gil, Py_MOD_GIL_NOT_USED},\n#endif\n")
        self.package("broken", SETUP, "int broken = ;\n")

    def package(self, name, setup, code):
        folder = self.root / "sources" / name
        folder.mkdir(parents=True)
        (folder / "setup.py").write_text(setup)
        (folder / "m.c").write_text(code)

    def command(self, *arguments):
        return [SWEEP, "--ringfence", support.ringfence(), "--list", self.root / "packages", "--local", self.root / "sources",
                "--table", self.root / "sweep.tsv", "--work", self.root / "work", *arguments]

    def sweep(self, *arguments):
        """Which packages were looked at, in order."""
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [line.split()[-1] for line in done.stderr.splitlines() if "/" in line.split()[1]]

    def rows(self):
        with (self.root / "sweep.tsv").open(newline="") as lines:
            return {row["package"]: row for row in csv.DictReader(lines, delimiter="\t")}

    def test_one_row_each_with_what_was_found_or_why_not(self):
        self.assertEqual(self.sweep(), ["claims", "silent", "broken", "gone"])
        rows = self.rows()
        self.assertEqual({name: row["outcome"] for name, row in rows.items()},
                         {"claims": "scanned", "silent": "scanned", "broken": "failed", "gone": "failed"})
        self.assertEqual(rows["gone"]["reason"], "fetch: no folder gone")
        self.assertRegex(rows["broken"]["reason"], r"^build: exit code 1: m\.c:1:14: error: expected expression")
        self.assertNotIn(str(self.root), (self.root / "sweep.tsv").read_text())

        claims, silent = rows["claims"], rows["silent"]
        self.assertEqual((claims["kind"], claims["units"], claims["incomplete"], claims["modules"]), ("C by hand", "1", "0", "1"))
        self.assertEqual((claims["own_false"], claims["own_missing"], claims["false_claims"]),
                         ("1", "0",
                          "m (shared-gil): m.c:cache; m (own-gil): m.c:cache; m (free-threaded): m.c:cache; m (multi-init): m.c:cache"))
        self.assertEqual((claims["ft_false"], silent["ft_missing"]), ("1", "0"))  # a claim in a branch not taken: not read
        self.assertEqual((silent["own_false"], silent["own_missing"], silent["false_claims"]), ("0", "1", "m (multi-init): m.c:cache"))
        self.assertEqual((claims["claimless"], silent["claimless"]), ("0", "1"))
        self.assertEqual((claims["claims_elsewhere"], silent["claims_elsewhere"]), ("", "m.c:10: Py_mod_gil where defined(NEVER)"))

        report = json.loads(gzip.decompress((self.root / "work/claims.json.gz").read_bytes()))
        for row, profile in (("own", "own-gil"), ("ft", "free-threaded")):
            for risk in ("high", "medium", "low", "none"):
                expected = sum(entry["risk"][profile] == risk for entry in report["objects"])
                self.assertEqual(int(claims[f"{row}_{risk}"]), expected, f"{row}_{risk}")
        self.assertIn("RF103 cached-import=1", claims["rules"].split("; "))

        page = (self.root / "sweep.md").read_text()
        self.assertIn("2 packages scanned: 2 units, 0 of them not complete (0 when read for a build without the GIL); 2 modules;", page)
        self.assertIn("| claims | m (own-gil): m.c:cache |", page)
        self.assertNotIn("(multi-init):", page)
        self.assertIn("that neither reading takes, which count as missing: silent (m.c:10: Py_mod_gil where defined(NEVER)).", page)
        self.assertIn("| gone |  |  | failed: fetch: no folder gone |", page)

    def test_goes_on_where_it_was_and_leaves_no_source(self):
        self.sweep("claims")
        self.assertEqual(self.sweep(), ["silent", "broken", "gone"])
        self.assertEqual(self.sweep(), [])
        self.assertEqual(sorted(path.name for path in (self.root / "work").iterdir()),
                         ["broken.log.gz", "claims.json.gz", "claims.log.gz", "silent.json.gz", "silent.log.gz"])

        before = self.rows()
        (self.root / "sources/broken/m.c").write_text("int mended;\n")
        self.assertEqual(self.sweep("--again", "broken"), ["broken"])
        after = self.rows()
        self.assertEqual((after["broken"]["outcome"], after["broken"]["reason"], after["broken"]["modules"]), ("scanned", "", "0"))
        self.assertEqual({**after, "broken": None}, {**before, "broken": None})

    def test_a_build_that_compiles_nothing_is_said(self):
        (self.root / "sources/silent/setup.py").write_text("print('failed to find an error')\n")
        self.sweep("silent")
        self.assertEqual(self.rows()["silent"]["reason"], "build: it succeeded, and no compile command was recorded")
        (self.root / "sources/silent/setup.py").write_text("raise SystemExit('no header is here: an error')\n")
        self.sweep("silent", "--again", "silent")
        self.assertEqual(self.rows()["silent"]["reason"], "build: exit code 1: no header is here: an error")

    def test_a_package_of_which_nothing_could_be_read_is_no_clean_one(self):
        (self.root / "sources/silent/setup.py").write_text(
            "import os\nos.mkdir('gone')\nos.chdir('gone')\n" + SETUP.replace('"m.c"', '"../m.c"') + "os.remove('m.o')\nos.rmdir('../gone')\n")
        self.sweep("silent", "claims")
        self.assertRegex(self.rows()["silent"]["reason"], "^scan: no unit could be read: ")
        self.assertIn("no variable to fix (medium or high risk): 0 of 1 (0 %)", (self.root / "sweep.md").read_text())

    def test_the_page_keeps_what_is_written_by_hand(self):
        self.sweep("silent")
        page = self.root / "sweep.md"
        page.write_text(page.read_text().replace("# A sweep", "By hand.\n\n# A sweep"))
        (self.root / "sweep.tsv").write_text((self.root / "sweep.tsv").read_text().replace("\tC\t", "\tC89\t"))
        self.assertEqual(self.sweep("--page"), [])
        self.assertTrue(page.read_text().startswith("By hand.\n\n# A sweep"))
        self.assertIn("| C89 |", page.read_text())

    def test_a_build_that_takes_too_long_is_ended_and_said(self):
        (self.root / "sources/silent/setup.py").write_text(
            "import subprocess\nsubprocess.run(['sleep', '86399'])\n")
        self.sweep("silent", "--limit", "1")
        self.assertEqual(self.rows()["silent"]["reason"], "build: not done after 1 s")
        self.assert_no_sleepers("86399")

    def test_killed_while_it_builds_it_goes_on(self):
        self.sweep("claims")
        (self.root / "sources/silent/setup.py").write_text("import subprocess\nsubprocess.run(['sleep', '86398'])\n")
        with subprocess.Popen(self.command("silent"), stderr=subprocess.DEVNULL) as process:
            while not self.sleepers("86398"):
                self.assertIsNone(process.poll())
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(60), 143)
        self.assert_no_sleepers("86398")
        self.assertEqual(list(self.rows()), ["claims"])
        (self.root / "sources/silent/setup.py").write_text(SETUP)
        self.assertEqual(self.sweep("silent"), ["silent"])
        self.assertEqual(self.rows()["silent"]["outcome"], "scanned")

    def assert_no_sleepers(self, seconds):
        end = time.monotonic() + 20  # what was killed goes in its next turn on the processor
        while self.sleepers(seconds) and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(self.sleepers(seconds), [])

    @staticmethod
    def sleepers(seconds):
        """Processes that run `sleep SECONDS`."""
        command = f"sleep\0{seconds}\0".encode()
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if process.read_bytes() == command:
                    found.append(process.parent.name)
            except OSError:
                pass  # it ended
        return found


if __name__ == "__main__":
    unittest.main()
