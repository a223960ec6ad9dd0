"""The watch on the example extension: what it names, in which modes, on stripped and on foreign files.

    RINGFENCE_TEST_PYTHON=EXE python3 test_watch.py"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

import building
import manifests

PYTHON = os.environ.get("RINGFENCE_TEST_PYTHON", sys.executable)
SNIPPET = "tally.add('a')"
WATCHED = """
import sys
sys.path.insert(0, {which!r})
from ringfence import runtime
runtime.watch({manifest!r}, "tally", mode={mode!r})
"""


class Watch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = cls.scratch.name
        building.runtime_package(PYTHON, cls.folder)
        symbols = {"bad": manifests.TALLY, "repaired": {"methods": ("method-table", []), "marker_slots": ("slot-table", []),
                                                        "marker_spec": ("type-spec", [])}}
        for which in symbols:
            library = building.tally(PYTHON, which, os.path.join(cls.folder, which))
            manifests.write(library, symbols[which], os.path.join(cls.folder, which + ".json"))

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def observed(self, *arguments):
        """(symbol -> kinds, exit code)"""
        out = os.path.join(self.folder, "out.json")
        command = [PYTHON, "-m", "ringfence", "exercise", "tally", "-c", SNIPPET, "--json", out, *arguments]
        code = subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL).returncode
        with open(out) as file:
            evidence = json.load(file)
        return {entry["symbol"]: set(entry["observed"]) for entry in evidence["objects"]}, code

    def watched(self, which, mode, code, manifest=None, load="import tally\n"):
        source = WATCHED.format(which=which, manifest=manifest or which + ".json", mode=mode) + load + code
        return subprocess.run([PYTHON, "-c", source], cwd=self.folder, capture_output=True, text=True)

    def test_names_every_planted_global(self):
        observed, code = self.observed("--path", "bad", "--manifest", "bad.json", "--gil", "shared")
        self.assertEqual(code, 1)
        self.assertEqual(set(observed), set(manifests.TALLY))
        self.assertEqual(observed["total"], {"changed"})
        self.assertEqual(observed["word_counts"], {"changed", "shared-object"})
        self.assertEqual(observed["TallyError"], {"changed", "shared-object"})
        self.assertEqual(observed["MarkerType"], {"type-mutated", "shared-object"})

    def test_is_silent_on_the_repaired_twin(self):
        observed, code = self.observed("--path", "repaired", "--manifest", "repaired.json", "--concurrent", "--cycles", "2")
        self.assertEqual((observed, code), ({}, 0))

    @unittest.skipIf(building.free_threaded(PYTHON), "without a GIL Python loads no single-phase module in an interpreter")
    def test_finds_objects_of_interpreters_that_have_ended(self):
        run = self.watched("bad", "report", """
import os
from ringfence import _runtime
sub = _runtime.create(False)
ok, text = _runtime.run(sub, "import sys; sys.path.insert(0, 'bad'); import tally", "import")
assert ok, text
_runtime.end(sub)
print(*sorted(r["symbol"] for r in runtime.reports() if r["kind"] == "dead-object"), flush=True)
os._exit(0)  # a Python that lost these objects need not get through its own end
""", load="")
        self.assertEqual(run.stdout, "MarkerType TallyError word_counts\n", run.stderr)

    def test_mode_off_finds_nothing(self):
        run = self.watched("bad", "off", "print(runtime.step('import'), runtime.reports())")
        self.assertEqual(run.stdout, "0 []\n", run.stderr)

    def test_mode_raise_raises(self):
        run = self.watched("bad", "raise", "runtime.step('import')")
        self.assertEqual(run.returncode, 1)
        self.assertIn("WatchError", run.stderr)

    def test_mode_abort_aborts_with_the_symbol(self):
        run = self.watched("bad", "abort", "runtime.step('import')")
        self.assertEqual(run.returncode, -signal.SIGABRT)
        self.assertIn("word_counts (tally.c:1, unsafe)", run.stderr)

    def test_stripped_file_is_the_same_file(self):
        folder = os.path.join(self.folder, "stripped")
        library = building.tally(PYTHON, "bad", folder)
        manifests.write(library, manifests.TALLY, os.path.join(self.folder, "stripped.json"))
        subprocess.run(["strip", library], check=True)
        run = self.watched("stripped", "report", "print(runtime.step('import'))")
        self.assertEqual(run.stdout, "3\n", run.stderr)

    def test_refuses_a_manifest_of_another_build(self):
        folder = os.path.join(self.folder, "other")
        building.tally(PYTHON, "bad", folder, flags=["-O0"])
        run = self.watched("other", "report", "", manifest="bad.json")
        self.assertIn("the manifest was made for", run.stderr)

    def test_refuses_what_is_no_manifest(self):
        broken = {"schema.json": '{"schema": "other/1", "files": [{"file": "%s"}]}',
                  "address.json": '{"schema": "ringfence-manifest/1", "files": [{"file": "%s", "objects": [{"symbol": "x"}]}]}',
                  "outside.json": '{"schema": "ringfence-manifest/1", "files": [{"file": "%s", "objects": '
                                  '[{"symbol": "x", "kind": "counter", "address": 99999999, "size": 8}]}]}'}
        library = next(name for name in os.listdir(os.path.join(self.folder, "bad")))
        for name, text in broken.items():
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(text % library)
            run = self.watched("bad", "report", "", manifest=name)
            self.assertRegex(run.stderr, "ValueError|ManifestError", name)


if __name__ == "__main__":
    unittest.main()
