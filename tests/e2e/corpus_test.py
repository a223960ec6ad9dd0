"""scripts/corpus: what it lists, what it refuses, and that a tree which is ready costs nothing."""

import json
import subprocess
import unittest

import support

CORPUS = support.PROJECT / "scripts/corpus"


class CorpusTest(unittest.TestCase):
    def test_lists_the_trees(self):
        done = subprocess.run([CORPUS, "list"], capture_output=True, text=True, check=True)
        names = [line.split()[0] for line in done.stdout.splitlines()]
        self.assertIn("cpython-3.13", names)
        self.assertIn("psycopg2", names)

    def test_refuses_an_unknown_tree(self):
        done = subprocess.run([CORPUS, "fetch", "no-such-tree"], capture_output=True, text=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("no tree no-such-tree", done.stderr)

    def test_fetches_once(self):
        tree = support.corpus("psycopg2")
        database = tree / "build/compile_commands.json"
        units = json.loads(database.read_text())
        self.assertEqual(len(units), 36)
        self.assertTrue((tree / "src/psycopg/psycopgmodule.c").exists())

        before = database.stat().st_mtime_ns
        done = subprocess.run([CORPUS, "fetch", "psycopg2"], capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "corpus: psycopg2: ready\n")
        self.assertEqual(database.stat().st_mtime_ns, before)


if __name__ == "__main__":
    unittest.main()
