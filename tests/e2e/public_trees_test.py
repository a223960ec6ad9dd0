"""Scans of public trees: every unit analysed, the sums reconcile, the same bytes in every run, with every -j,
and whether parses are shared or not."""

import json
import unittest

import support

# Trees of which a unit does not parse against Debian 12's Python and libraries, and how many do not.
INCOMPLETE = {"contourpy": 1}


def scan_text(tree, *arguments):
    """The JSON report's bytes."""
    done = support.run("scan", tree / "src", "-p", tree / "build", "--format", "json", "--allow-incomplete",
                       *arguments, timeout=1200)
    if done.returncode != 0:
        raise AssertionError(f"scan ended with {done.returncode}\n{done.stderr}")
    return done.stdout


class PublicTreesTest(unittest.TestCase):
    def check(self, tree):
        text = scan_text(tree, "-j2")
        report = json.loads(text)
        database = json.loads((tree / "build/compile_commands.json").read_text())
        sources = {entry["file"] for entry in database if not entry["file"].endswith(".S")}
        self.assertEqual(len(report["units"]), len(sources))
        not_complete = [unit for unit in report["units"] if unit["status"] != "complete"]
        self.assertEqual(len(not_complete), INCOMPLETE.get(tree.name, 0), not_complete)

        sums = report["accounting"]
        self.assertEqual(sum(sums["units_by_status"].values()), len(report["units"]))
        self.assertEqual(sum(sums["objects_by_verdict"].values()), len(report["objects"]))
        self.assertEqual(sum(sums["findings_by_rule"].values()), len(report["findings"]))
        ids = [entry["id"] for entry in report["objects"]]
        self.assertEqual(len(set(ids)), len(ids))

        self.assertTrue(scan_text(tree, "-j1", "--no-shared-parse") == text, "shared parses at -j2 and others differ")

    def test_small_trees(self):
        for name in ("psycopg2", "zstandard"):
            with self.subTest(tree=name):
                self.check(support.corpus(name))

    def test_large_trees(self):
        for name in ("cpython-3.13", "gmpy2", "dbus-python", "pillow", "pyyaml", "contourpy", "python-apt", "regex", "btrees"):
            with self.subTest(tree=name):
                self.check(support.large_corpus(name))


if __name__ == "__main__":
    unittest.main()
