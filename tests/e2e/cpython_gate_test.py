"""CPython's lists of globals, imported: its own bytes come back, and the gate takes the place of its check-c-globals."""

import json
import pathlib
import tempfile
import unittest

import support

LISTS = ("globals-to-fix.tsv", "ignored.tsv")
NOT_READ_BY_CPYTHON = ("Programs/*", "Objects/mimalloc/*", "Modules/_decimal/libmpdec/*")  # its _parser.py: EXCLUDED


class CPythonGateTest(unittest.TestCase):
    def setUp(self):
        tree = support.large_corpus("cpython-3.13")
        self.source, self.build = tree / "src", tree / "build"
        self.lists = self.source / "Tools/c-analyzer/cpython"
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.baseline = self.folder / "ringfence.baseline"
        self.run_to_end("baseline", "import", *(self.lists / name for name in LISTS), "-o", self.baseline)

    def run_to_end(self, *arguments):
        done = support.run(*arguments, timeout=1200)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_the_lists_come_back_byte_by_byte(self):
        self.run_to_end("baseline", "export", "--baseline", self.baseline, "-o", self.folder)
        for name in LISTS:
            self.assertEqual((self.folder / name).read_bytes(), (self.lists / name).read_bytes(), name)

    def test_the_gate_introduces_nothing(self):
        excluded = [word for glob in NOT_READ_BY_CPYTHON for word in ("--exclude", glob)]
        text = self.run_to_end("gate", "--baseline", self.baseline, "--variables", "--profile", "own-gil", "-p", self.build,
                               "--allow-incomplete", "--format", "json", *excluded, self.source)
        result = json.loads(text)
        self.assertEqual(result["introduced"], [])
        self.assertGreater(len(result["preexisting"]), 300)


if __name__ == "__main__":
    unittest.main()
