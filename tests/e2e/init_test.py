"""ringfence init: what it writes works, what is there stays."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import PROJECT, run

SOURCE = PROJECT / "fixtures/rules/RF103-cached-import.c"


class InitTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tree = pathlib.Path(scratch.name)
        shutil.copy(SOURCE, self.tree / "m.c")

    def init(self, *arguments):
        return run("init", str(self.tree), "--no-cache", "-q", *arguments)

    def names(self):
        return sorted(str(path.relative_to(self.tree)) for path in self.tree.rglob("*") if path.is_file())

    def test_a_new_project_passes_its_gate_and_fails_on_what_is_new(self):
        (self.tree / ".github").mkdir()
        done = self.init()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.names(), [".gitattributes", ".github/workflows/ringfence.yml", ".pre-commit-config.yaml", "m.c",
                                        "ringfence.baseline", "ringfence.toml"])
        self.assertEqual(run("gate", str(self.tree), "--no-cache", "-q").returncode, 0)
        (self.tree / "m.c").write_text(SOURCE.read_text() + "static int added;\nint add(void) { return ++added; }\n")
        gate = run("gate", str(self.tree), "--no-cache", "-q")
        self.assertEqual(gate.returncode, 1)
        self.assertIn("added", gate.stdout)

    def test_a_tree_that_is_read_in_part_gets_all_files_and_the_next_commands(self):
        (self.tree / "m.c").write_text('#include "no_such.h"\n' + SOURCE.read_text())
        done = self.init()
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("ringfence.baseline", self.names())
        self.assertIn("wrote " + str(self.tree / "ringfence.baseline"), done.stdout)
        self.assertIn(f"ringfence gate {self.tree} --allow-incomplete    passes now", done.stdout)

    def test_what_is_there_stays(self):
        for name in ("ringfence.toml", ".pre-commit-config.yaml", ".gitlab-ci.yml"):
            (self.tree / name).write_text("# mine\n")
        (self.tree / ".gitattributes").write_text("*.c text")
        done = self.init()
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ("ringfence.toml", ".pre-commit-config.yaml", ".gitlab-ci.yml"):
            self.assertEqual((self.tree / name).read_text(), "# mine\n")
        self.assertEqual((self.tree / ".gitattributes").read_text(), "*.c text\nringfence.baseline merge=union\n")
        self.assertIn("is there and stays as it is; add:\n      - repo: local\n", done.stdout)
        before = {name: (self.tree / name).read_bytes() for name in self.names()}
        self.assertEqual(self.init().returncode, 0)
        self.assertEqual({name: (self.tree / name).read_bytes() for name in self.names()}, before)

    def test_a_dry_run_writes_nothing(self):
        done = self.init("--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("would write", done.stdout)
        self.assertEqual(self.names(), ["m.c"])

    def test_it_writes_through_no_link(self):
        with tempfile.TemporaryDirectory() as outside:
            os.symlink(pathlib.Path(outside, "x"), self.tree / ".gitattributes")
            self.assertEqual(self.init().returncode, 2)
            self.assertEqual(os.listdir(outside), [])

    def test_the_written_files_are_yaml_and_the_commit_hook_is_valid(self):
        self.init()
        check = "import sys, yaml; print(yaml.safe_load(open(sys.argv[1]))['repos'][0]['hooks'][0]['entry'])"
        done = subprocess.run(["/usr/bin/python3", "-c", check, self.tree / ".pre-commit-config.yaml"], capture_output=True, text=True, check=False)
        if "No module named 'yaml'" in done.stderr:
            self.skipTest("needs python3-yaml")
        self.assertEqual(done.stdout, "ringfence gate --changed-since HEAD\n")


if __name__ == "__main__":
    unittest.main()
