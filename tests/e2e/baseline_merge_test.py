"""Baselines on two branches, merged by git: rows at one place need `merge=union`, the same row is a conflict."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import support

FILE = "ringfence.baseline"


def source(names):
    return "".join(f"int {name};\nint next_{name}(void) {{ return ++{name}; }}\n" for name in names)


class BaselineMergeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        self.git("init", "--quiet", "--initial-branch=main")
        self.names = ["c", "k", "t"]
        self.write(self.names)
        self.accept("write", "-o", FILE, "--reason", "at first")
        self.commit()

    def git(self, *arguments, check=True):
        settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
                    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
        done = subprocess.run(["git", *arguments], cwd=self.tree, env=os.environ | settings, capture_output=True,
                              text=True, check=False)
        if check and done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.returncode

    def commit(self):
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", "x")

    def write(self, names, file="a.c"):
        (self.tree / file).write_text(source(names))

    def accept(self, action, *arguments):
        done = support.run("baseline", action, *arguments, ".", cwd=self.tree)
        self.assertEqual(done.returncode, 0, done.stderr)

    def add_on_branches(self, first, second):
        """Each branch adds one object, in a file of its own so that the sources merge, and its row."""
        for branch, name in (("first", first), ("second", second)):
            self.git("checkout", "--quiet", "-B", branch, "main")
            self.write([name], f"{name}.c")
            self.accept("update", "--baseline", FILE, "--add", "--reason", f"of {branch}")
            self.commit()

    def merge(self):
        return self.git("merge", "--quiet", "-m", "merge", "first", check=False)

    def gate(self):
        return support.run("gate", "--baseline", FILE, "--format", "json", ".", cwd=self.tree)

    def test_rows_at_different_places_merge(self):
        self.write(["a"], "m.c")
        self.accept("update", "--baseline", FILE, "--add", "--reason", "between")
        self.commit()
        self.add_on_branches("b", "z")  # before and after the row of m.c
        self.assertEqual(self.merge(), 0)
        self.assertEqual(self.gate().returncode, 0)

    def test_rows_at_one_place_merge_with_the_attribute(self):
        self.add_on_branches("x", "y")
        self.assertNotEqual(self.merge(), 0)  # what git does by itself
        self.git("merge", "--abort")
        (self.tree / ".git/info/attributes").write_text(f"{FILE} merge=union\n")
        self.assertEqual(self.merge(), 0)
        done = self.gate()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["stale"], [])
        self.assertEqual(len((self.tree / FILE).read_text().splitlines()), 1 + 3 + 2)

    def test_the_same_row_changed_twice_is_told(self):
        (self.tree / ".git/info/attributes").write_text(f"{FILE} merge=union\n")
        for branch in ("first", "second"):
            self.git("checkout", "--quiet", "-B", branch, "main")
            text = (self.tree / FILE).read_text()
            (self.tree / FILE).write_text(text.replace("at first", f"by {branch}", 1))
            self.commit()
        self.assertEqual(self.merge(), 0)
        done = self.gate()
        self.assertEqual(done.returncode, 2)
        self.assertIn("stands twice; delete one of the rows", done.stderr)


if __name__ == "__main__":
    unittest.main()
