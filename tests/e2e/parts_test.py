"""A scan in parts, as on many machines: extract and merge give the report of one run, whatever the split."""

import json
import pathlib
import re
import shutil
import subprocess
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

    def ninja(self, *arguments):
        """What Ninja says that it does."""
        done = subprocess.run(["ninja", "-C", self.folder, *arguments], capture_output=True, text=True, timeout=600)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_ninja_runs_resumes_and_skips(self):
        def check_report():
            whole = self.run_to_end("scan", self.tree, "--no-cache", "--format", "json", expect=3).stdout
            self.assertEqual((self.folder / "report.json").read_text(), whole)

        self.run_to_end("extract", self.tree, "--ninja", self.folder / "build.ninja")
        self.ninja("facts/1", "facts/2")
        self.assertEqual(self.ninja().count("extract u"), 6)  # bad.c and u0.c were read
        check_report()
        self.assertIn("no work to do", self.ninja())

        (self.tree / "u3.c").write_text("int now_another;\n")
        self.assertEqual(re.findall(r"extract (\S+)", self.ninja()), ["u3.c"])
        check_report()
        (self.tree / "all.h").write_text("static int shared, more;\n")
        self.assertEqual(sorted(re.findall(r"extract (\S+)", self.ninja())), [f"u{i}.c" for i in range(7) if i != 3])
        check_report()
        (self.tree / "more").mkdir()  # a file that no unit names is told in the first part
        (self.tree / "more/extra.h").write_text("")
        self.ninja()
        check_report()

    def test_ninja_passes_on_what_was_asked(self):
        folder = self.tree / "it's $a: place"
        folder.mkdir()
        (folder / "odd.c").write_text('#include "name #1.h"\nint odd;\n')
        (folder / "name #1.h").write_text("static int first;\n")
        arguments = (self.tree, "--exclude", "bad.c", "--config", "debug=-DA '-DB=x y'")
        whole = self.run_to_end("scan", *arguments, "--no-cache", "--format", "json").stdout
        self.run_to_end("extract", *arguments, "--ninja", self.folder / "build.ninja")
        self.ninja()
        self.assertEqual((self.folder / "report.json").read_text(), whole)
        (folder / "name #1.h").write_text("static int second;\n")
        self.assertIn("odd.c", self.ninja())
        self.assertIn("second", (self.folder / "report.json").read_text())

    def test_what_is_excluded_stays_so(self):
        arguments = ("--exclude", "all.h", "--exclude", "bad.c")
        whole = self.run_to_end("scan", self.tree, "--format", "json", *arguments).stdout
        self.assertNotIn("all.h:shared", whole)
        merged = self.run_to_end("merge", "--format", "json", *self.extract(2, None, *arguments)).stdout
        self.assertEqual(merged, whole)

    def test_the_part_of_one_file_has_nothing_of_others(self):
        cache = ("--cache", self.folder / "cache")
        self.run_to_end("scan", self.tree, "--quiet", *cache, expect=3)
        self.run_to_end("extract", self.tree / "u1.c", "-o", self.folder / "one.facts", *cache)
        merged = self.run_to_end("merge", "--format", "json", self.folder / "one.facts").stdout
        self.assertEqual([unit["file"] for unit in json.loads(merged)["units"]], ["u1.c"])

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
