"""From scan to manifest, to a watched run, and back into the report, on the example extension."""

import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

import support

sys.path.insert(0, str(support.PROJECT / "tests/runtime"))
import building  # noqa: E402

# Prints what each reader says of each, None where it is content.
READERS = """
import sys, reader
from ringfence import manifest
for name in sys.argv[1:]:
    for read in (manifest.load, lambda name: reader.watch(name, "none.so")):
        try:
            read(name)
            print(None)
        except ValueError as error:
            print(str(error).splitlines()[0])
"""
READER = """
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include "ringfence_watch.h"
static PyObject *watch(PyObject *self, PyObject *arguments) {
  const char *manifest, *file;
  (void)self;
  if (!PyArg_ParseTuple(arguments, "ss", &manifest, &file)) return NULL;
  long watched = rf_watch_manifest(manifest, file);
  return watched < 0 ? NULL : PyLong_FromLong(watched);
}
static PyMethodDef methods[] = {{"watch", watch, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef reader = {PyModuleDef_HEAD_INIT, "reader", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_reader(void) { return PyModule_Create(&reader); }
"""
PLANTED = {"tally.c:MarkerType", "tally.c:TallyError", "tally.c:total", "tally.c:word_counts"}


class Manifest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        support.ringfence()
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        building.runtime_package(sys.executable, str(cls.folder))
        cls.library = building.tally(sys.executable, "bad", str(cls.folder / "bad"))

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def text(self, *arguments):
        done = support.run("manifest", support.FIXTURES / "runtime/bad", "--quiet", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def manifest(self, *arguments):
        return json.loads(self.text(*arguments))

    def test_lists_every_planted_global(self):
        manifest = self.manifest("--object", self.library)
        self.assertEqual({o["id"] for o in manifest["files"][0]["objects"]}, PLANTED)
        words = {o["symbol"]: o["object_words"] for o in manifest["files"][0]["objects"]}
        self.assertEqual((words["word_counts"], words["TallyError"], words["total"]), ([0], [0], None))
        self.assertEqual(manifest["missing"], [])

    def test_follows_its_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("no jsonschema")
        schema = json.loads((support.PROJECT / "rules/manifest.schema.json").read_text())
        jsonschema.validate(self.manifest("--object", self.library, "--all"), schema)

    def test_a_watched_run_comes_back_into_the_report(self):
        (self.folder / "m.json").write_text(self.text("--object", self.library, "--all"))
        snippet = (support.FIXTURES / "runtime/snippet.py").read_text()
        run = subprocess.run([sys.executable, "-m", "ringfence", "exercise", "tally", "-c", snippet, "--path", "bad", "--gil",
                              "shared", "--manifest", "m.json", "--json", "seen.json"], cwd=self.folder, capture_output=True,
                             text=True, env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
        self.assertEqual(run.returncode, 1, run.stderr)
        done = support.run("scan", support.FIXTURES / "runtime/bad", "--format", "json", "--evidence",
                           self.folder / "seen.json")
        report = json.loads(done.stdout)
        observed = {o["id"] for o in report["objects"] if o["observed"]}
        self.assertEqual(observed, PLANTED)

    def damaged(self, whole):
        """Cut, doubled, reordered and flipped copies."""
        draw = random.Random(21)
        lines = whole.splitlines(keepends=True)
        for at in range(0, len(whole) - 1, 61):  # without the last line break it is whole
            yield whole[:at]
        for _ in range(120):
            first, second, third = sorted(draw.sample(range(len(lines)), 3))
            yield b"".join(lines[:first] + lines[second:])
            yield b"".join(lines[:second] + lines[first:])
            yield b"".join(lines[:first] + lines[second:third] + lines[first:second] + lines[third:])
            at, bit = draw.randrange(len(whole) - 1), draw.randrange(8)
            yield whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1:]

    def test_a_damaged_manifest_is_refused_by_both_readers(self):
        folder = self.folder / "damaged"
        folder.mkdir()
        (folder / "reader.c").write_text(READER)
        sources = [str(folder / "reader.c"), *(f"{building.RUNTIME}/src/{name}.c" for name in ("ringfence", "watch", "watch_files", "watch_manifest"))]
        building.extension(sys.executable, "reader", sources, str(self.folder))
        whole = self.text("--object", self.library).encode()
        copies = [whole, *(each for each in self.damaged(whole) if each != whole)]
        for number, each in enumerate(copies):
            (folder / f"{number}.json").write_bytes(each)
        done = subprocess.run([sys.executable, "-c", READERS, *(f"damaged/{number}.json" for number in range(len(copies)))],
                              cwd=self.folder, capture_output=True, text=True, check=False)
        said = done.stdout.splitlines()
        self.assertEqual(len(said), 2 * len(copies), done.stderr)
        self.assertEqual(said[:2], ["None", "None"])
        self.assertNotIn("None", said[2:])
        self.assertGreater(sum("its digest is another" in line for line in said), 20)

    def test_a_stripped_file_has_the_same_build_id(self):
        stripped = str(self.folder / "stripped.so")
        shutil.copy(self.library, stripped)
        subprocess.run(["strip", stripped], check=True)
        before, after = (self.manifest("--object", file)["files"][0] for file in (self.library, stripped))
        self.assertEqual(before["build_id"], after["build_id"])
        self.assertTrue(after["stripped"])

    def test_what_is_no_shared_object_is_a_usage_error(self):
        done = support.run("manifest", support.FIXTURES / "runtime/bad", "--object", __file__)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no ELF shared object", done.stderr)
        self.assertEqual(support.run("manifest", support.FIXTURES / "runtime/bad").returncode, 2)

    def test_evidence_that_is_none_is_a_usage_error(self):
        done = support.run("scan", support.FIXTURES / "runtime/bad", "--evidence", __file__)
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
