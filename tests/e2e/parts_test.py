"""A scan in parts, as on many machines: extract and merge give the report of one run, whatever the split."""

import pathlib
import shutil
import tempfile
import unittest

import support


class PartsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tree = self.folder / "tree"
        self.tree.mkdir()
        (self.tree / "all.h").write_text("static int shared;\nextern int counter;\n")
        (self.tree / "setup.py").write_text("from setuptools import setup\nsetup(python_requires='>=3.9')\n")
        (self.tree / "bad.c").write_text("int before;\nint = ;\n")
        for i in range(7):
            (self.tree / f"u{i}.c").write_text(
                f'#include "all.h"\nstatic int own;\nint f{i}(void) {{ counter = own++; return shared; }}\n')

    def run_to_end(self, *arguments, expect=0):
        done = support.run(*arguments)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done

    def extract(self, shards, tree=None, *arguments):
        files = [self.folder / f"{i}of{shards}.facts" for i in range(1, shards + 1)]
        for i, file in enumerate(files, 1):
            self.run_to_end("extract", "--shard", f"{i}/{shards}", "-o", file, tree or self.tree, *arguments)
        return files

    def test_every_split_gives_the_report_of_one_scan(self):
        splits = {shards: self.extract(shards) for shards in (1, 2, 3, 20)}
        for form in ("json", "text", "tsv", "html", "junit"):
            whole = self.run_to_end("scan", self.tree, "--format", form, expect=3).stdout
            for shards, files in splits.items():
                with self.subTest(format=form, shards=shards):
                    merged = self.run_to_end("merge", "--format", form, *reversed(files), expect=3).stdout
                    self.assertEqual(merged, whole)

    def test_what_is_excluded_stays_so(self):
        arguments = ("--exclude", "all.h", "--exclude", "bad.c")
        whole = self.run_to_end("scan", self.tree, "--format", "json", *arguments).stdout
        self.assertNotIn("all.h:shared", whole)
        merged = self.run_to_end("merge", "--format", "json", *self.extract(2, None, *arguments)).stdout
        self.assertEqual(merged, whole)

    def test_facts_are_the_same_wherever_the_tree_lies(self):
        elsewhere = self.folder / "else/where"
        shutil.copytree(self.tree, elsewhere)
        first, second = (self.extract(1, tree)[0].read_bytes().split(b"RFFACTS", 1) for tree in (self.tree, elsewhere))
        self.assertEqual(first[1], second[1])  # all but the header, which has the path as it was given
        self.assertNotIn(str(self.folder).encode(), first[1])

    def test_parts_that_do_not_fit_are_refused(self):
        files = self.extract(3)
        other = self.extract(2)
        damaged = self.folder / "damaged.facts"
        content = files[0].read_bytes()
        damaged.write_bytes(content[:-10] + bytes(byte ^ 1 for byte in content[-10:]))
        cut = self.folder / "cut.facts"
        cut.write_bytes(content[:-10])
        for parts, message in (((files[0], files[2]), "shard 2/3 is missing"), (files[:2], "shard 3/3 is missing"),
                               ((*files, files[1]), "shard 2/3 is given twice"),
                               ((files[0], other[1]), "is of another scan"),
                               ((damaged, *files[1:]), "damaged"), ((cut, *files[1:]), "damaged"),
                               ((self.tree / "all.h",), "not a file of facts"),
                               ((self.folder / "none",), "none")):
            with self.subTest(message=message):
                done = self.run_to_end("merge", *parts, expect=2)
                self.assertIn(message, done.stderr)

    def test_a_shard_that_does_not_exist_is_a_usage_error(self):
        for shard in ("0/2", "3/2", "2", "a/b", "1/2x", "/", "-1/2"):
            with self.subTest(shard=shard):
                self.run_to_end("extract", "--shard", shard, self.tree, expect=2)


if __name__ == "__main__":
    unittest.main()
