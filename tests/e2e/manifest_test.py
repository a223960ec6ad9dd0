"""From scan to manifest, to a watched run, and back into the report, on the example extension."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import support

sys.path.insert(0, str(support.PROJECT / "tests/runtime"))
import building  # noqa: E402

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

    def manifest(self, *arguments):
        done = support.run("manifest", support.FIXTURES / "runtime/bad", "--quiet", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

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
        (self.folder / "m.json").write_text(json.dumps(self.manifest("--object", self.library, "--all")))
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
