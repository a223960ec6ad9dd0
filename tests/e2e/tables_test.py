"""A user's tables of names count in every stage: in a scan, with a cache, in parts, with Ninja."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import support

SOURCE = """#include <pthread.h>
typedef struct { int word; } project_lock;
void project_take(project_lock *);
void project_give(project_lock *);
static project_lock own, spare;
static pthread_rwlock_t known = PTHREAD_RWLOCK_INITIALIZER;
static int counted, sized, bare;
void count(int n) { project_take(&own); counted += n; project_give(&own); bare += n; }
void size(int n) { if (pthread_rwlock_trywrlock(&known) == 0) { sized += n; pthread_rwlock_unlock(&known); } }
"""
TABLE = {"schema": "ringfence-table/1", "about": "a project's own lock",
         "functions": {name: {"traits": [trait], "parameters": ["synchronised"], "source": "lock.h"}
                       for name, trait in (("project_take", "lock-acquire"), ("project_give", "lock-release"))}}


class TablesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tree, self.rules = self.folder / "tree", self.folder / "rules"
        self.tree.mkdir()
        (self.tree / "a.c").write_text(SOURCE)
        (self.rules / "tables").mkdir(parents=True)
        self.table = self.rules / "tables" / "project.json"
        self.table.write_text(json.dumps(TABLE))

    def guards(self, *arguments):
        report = support.scan(self.tree, *arguments)
        return {entry["name"]: entry["guard"] for entry in report["objects"]}

    def run_to_end(self, *arguments, expect=0):
        done = support.run(*arguments)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done

    def test_a_lock_that_a_table_teaches_guards(self):
        before, after = self.guards(), self.guards("--rules", self.rules)
        self.assertEqual((before["counted"], before["sized"], before["bare"]), ("none", "lock", "none"))
        self.assertEqual((after["counted"], after["sized"], after["bare"]), ("lock", "lock", "none"))

    def test_a_type_and_a_generator_that_a_table_teaches(self):
        def verdict_and_generator():
            entry = next(entry for entry in support.scan(self.tree, "--rules", self.rules)["objects"] if entry["name"] == "spare")
            return entry["verdict"], entry["generated_by"]

        self.assertEqual(verdict_and_generator(), ("effectively-constant", None))
        self.table.write_text(json.dumps({
            **TABLE,
            "records": {"project_lock": {"is": "lock", "source": "lock.h"}},
            "generators": {"wrapgen": {"banners": ["#include <pthread.h>"], "source": "wrapgen.py"}}}))
        self.assertEqual(verdict_and_generator(), ("lock-object", "wrapgen"))

    def test_facts_of_other_tables_are_not_taken_from_the_cache(self):
        cache = ("--cache", self.folder / "cache")
        self.assertEqual(self.guards(*cache)["counted"], "none")
        self.assertEqual(self.guards(*cache, "--rules", self.rules)["counted"], "lock")
        self.table.write_text(json.dumps({**TABLE, "functions": {}}))
        self.assertEqual(self.guards(*cache, "--rules", self.rules)["counted"], "none")

    def test_parts_are_of_one_set_of_tables(self):
        facts = self.folder / "1.facts"
        rules = ("--rules", self.rules)
        self.run_to_end("extract", self.tree, "-o", facts, *rules)
        whole = self.run_to_end("scan", self.tree, "--format", "json", *rules).stdout
        self.assertEqual(self.run_to_end("merge", facts, "--format", "json", *rules).stdout, whole)
        self.assertIn("other tables of names", self.run_to_end("merge", facts, expect=2).stderr)

    def test_ninja_reads_again_what_a_table_says_anew(self):
        def counted():
            subprocess.run(["ninja", "-C", self.folder], check=True, capture_output=True, timeout=600)
            report = json.loads((self.folder / "report.json").read_text())
            return next(entry["guard"] for entry in report["objects"] if entry["name"] == "counted")

        self.run_to_end("extract", self.tree, "--ninja", self.folder / "build.ninja", "--rules", self.rules)
        self.assertEqual(counted(), "lock")
        self.table.write_text(json.dumps({**TABLE, "functions": {}}))
        self.run_to_end("extract", self.tree, "--ninja", self.folder / "build.ninja", "--rules", self.rules)
        self.assertEqual(counted(), "none")


if __name__ == "__main__":
    unittest.main()
