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
runtime.watch({manifest!r}, {module!r}, mode={mode!r})
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

    def watched(self, which, mode, code, manifest=None, load="import tally\n", module="tally"):
        source = WATCHED.format(which=which, manifest=manifest or which + ".json", mode=mode, module=module) + load + code
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

    def many(self):
        if not hasattr(type(self), "many_built"):
            source = os.path.join(building.ROOT, "tests", "runtime", "many.c")
            library = building.extension(PYTHON, "many", [source], os.path.join(self.folder, "many"))
            manifests.write_words(library, "many_words", os.path.join(self.folder, "many.json"))
            type(self).many_built = True

    def test_two_hundred_thousand_objects_cost_under_a_second_of_processor_time_a_scenario(self):
        self.many()
        for changed in (0, 1000):
            out = subprocess.check_output([PYTHON, "-c", f"""
import resource, sys
from ringfence import exercise, scenarios
def used():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
def run(scenario, *more, run=scenarios.run):
    before = used()
    outcome = run(scenario, *more)
    print("cost", used() - before)
    return outcome
scenarios.run = run
exercise.main(["exercise", "many", "--path", "many", "--manifest", "many.json", "--gil", "shared", "-c",
               "many.fill({changed})"])
"""], cwd=self.folder, text=True)
            costs = [float(line.split()[1]) for line in out.splitlines() if line.startswith("cost")]
            self.assertIn(f"{changed} shared-object" if changed else "passed", out)
            self.assertGreaterEqual(len(costs), 2)
            self.assertLess(max(costs), 1.0, out[:2000])

    def test_an_object_that_moves_keeps_its_owner_wherever_it_goes(self):
        self.many()
        for start, end in ((10, 20), (20, 10)):
            run = self.watched("many", "report", f"""
from ringfence import _runtime
many.fill(21)
runtime.step("exec")
runtime.reports()
sub = _runtime.create(False)
ok, text = _runtime.run(sub, "import sys; sys.path.insert(0, 'many'); import many; many.move({start}, {end})", "exec")
assert ok, text
print(*sorted(r["symbol"] for r in runtime.reports() if r["kind"] == "foreign-object"), flush=True)
import os
os._exit(0)
""", manifest="many.json", load="import many\n", module="many")
            self.assertEqual(run.stdout, f"many_words[{end}]\n", run.stderr)


if __name__ == "__main__":
    unittest.main()
