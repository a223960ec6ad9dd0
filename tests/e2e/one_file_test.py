"""One source file, judged with what an earlier scan of its tree knows, and the lines that editors read."""

import json
import pathlib
import re
import tempfile
import unittest

import support


class OneFileTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree, self.cache = pathlib.Path(folder.name, "tree"), pathlib.Path(folder.name, "cache")
        (self.tree / "src").mkdir(parents=True)
        self.write("setup.py", "")
        self.write("src/both.h", "extern int counter;\nstatic int in_both;\n")
        self.write("src/own.h", "static int in_own;\n")
        self.write("src/a.c", '#include "both.h"\n#include "own.h"\nint counter;\n'
                              "int get(void) { return counter + ++in_own; }\n")
        self.write("src/b.c", '#include "both.h"\nvoid set(int to) { counter = to; ++in_both; }\n')

    def write(self, name, text):
        (self.tree / name).write_text(text)

    def scan(self, path, *arguments):
        done = support.run("scan", self.tree / path, "--cache", self.cache, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def report(self, path):
        return json.loads(self.scan(path, "--format", "json").stdout)

    def test_what_others_do_is_known_after_a_scan_of_the_tree(self):
        alone = self.report("src/a.c")
        self.assertEqual([entry["writes"]["class"] for entry in alone["objects"] if entry["name"] == "counter"], ["never"])
        self.assertIn("what 1 other unit of the tree may do with it is not told", "\n".join(alone["notes"]))

        whole = self.report(".")
        known = self.report("src/a.c")
        self.assertNotIn("is not told", "\n".join(known["notes"]))
        of_file = {entry["id"]: entry for entry in known["objects"]}
        self.assertEqual(sorted(of_file), ["src/a.c:counter", "src/own.h:in_own"])
        for entry in whole["objects"]:
            if entry["id"] in of_file:
                self.assertEqual(of_file[entry["id"]], entry)
        self.assertEqual([unit["file"] for unit in known["units"]], ["src/a.c"])
        # What it writes elsewhere concerns it.
        self.assertIn("src/a.c:counter", [entry["id"] for entry in self.report("src/b.c")["objects"]])

    def test_what_changed_since_counts(self):
        self.report(".")
        self.write("src/a.c", '#include "both.h"\nstatic int fresh;\nint get(void) { return counter + fresh++; }\n')
        self.assertEqual([entry["id"] for entry in self.report("src/a.c")["objects"]], ["src/a.c:fresh"])

    def test_a_file_that_no_unit_is_made_of(self):
        done = support.run("scan", self.tree / "src/own.h")
        self.assertEqual(done.returncode, 2)
        self.assertIn("own.h", done.stderr)

    def test_lines_as_a_compiler_prints_them(self):
        self.report(".")
        lines = self.scan("src/a.c", "--format", "gcc", "--min-risk", "low").stdout.splitlines()
        pattern = re.compile(r"(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): (error|warning|note): .+")
        for line in lines:
            with self.subTest(line=line):
                match = pattern.fullmatch(line)
                self.assertTrue(match)
                self.assertTrue(pathlib.Path(match["file"]).is_file())
        self.assertTrue(any(re.search(r"src/a\.c:3:5: (error|warning): counter .*\[RF\d+ ", line) for line in lines), lines)
        self.assertTrue(any(re.search(r"src/b\.c:2:.*: note: ", line) for line in lines), lines)


if __name__ == "__main__":
    unittest.main()
