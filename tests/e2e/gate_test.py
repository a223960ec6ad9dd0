"""`ringfence baseline`, `gate` and `diff` as a project's CI uses them."""

import json
import pathlib
import tempfile
import unittest

import support

OLD = "int counter;\nint count(void) { return ++counter; }\n"
NEW = "int added;\nint add(void) { return ++added; }\n"


class GateTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name, "tree")
        self.tree.mkdir()
        (self.tree / "old.c").write_text(OLD)
        self.baseline = pathlib.Path(folder.name, "ringfence.baseline")
        self.assertEqual(self.run_in("baseline", "write", "-o", self.baseline, "--reason", "first review").returncode, 0)

    def run_in(self, *arguments):
        return support.run(*arguments, self.tree)

    def gate(self, *arguments):
        return self.run_in("gate", "--baseline", self.baseline, *arguments)

    def gate_json(self):
        return json.loads(self.gate("--format", "json").stdout)

    def test_is_silent_on_what_was_accepted_and_on_harmless_edits(self):
        self.assertEqual(self.gate().returncode, 0)
        (self.tree / "old.c").write_text("/* a comment */\n\n" + OLD.replace("void", " void "))
        self.assertEqual(self.gate().returncode, 0)

    def test_fails_on_what_is_new_and_names_it_alone(self):
        (self.tree / "new.c").write_text(NEW)
        done = self.gate()
        self.assertEqual(done.returncode, 1)
        self.assertIn("new.c:1", done.stdout)
        self.assertNotIn("old.c", done.stdout)
        self.assertEqual([entry["subject"] for entry in self.gate_json()["introduced"]], ["new.c:added"])

    def test_update_adds_with_a_reason_and_prunes_what_is_gone(self):
        (self.tree / "new.c").write_text(NEW)
        update = ("baseline", "update", "--baseline", self.baseline)
        self.assertEqual(self.run_in(*update, "--add").returncode, 2)  # a reason is required
        self.assertEqual(self.run_in(*update, "--add", "--reason", "known").returncode, 0)
        self.assertEqual(self.gate().returncode, 0)
        (self.tree / "new.c").unlink()
        self.assertEqual(len(self.gate_json()["fixed"]), 1)
        self.assertEqual(self.run_in(*update, "--prune").returncode, 0)
        self.assertEqual(self.gate_json()["fixed"], [])

    def test_a_renamed_file_has_moved(self):
        (self.tree / "old.c").rename(self.tree / "renamed.c")
        result = self.gate_json()
        self.assertEqual([(pair["from"]["subject"], pair["to"]["subject"]) for pair in result["moved"]],
                         [("old.c:counter", "renamed.c:counter")])
        self.assertEqual(self.gate().returncode, 0)

    def test_compares_with_another_report_and_two_reports(self):
        before, after = self.baseline.with_name("before.json"), self.baseline.with_name("after.json")
        self.run_in("scan", "--format", "json", "-o", before)
        (self.tree / "new.c").write_text(NEW)
        self.run_in("scan", "--format", "json", "-o", after)
        self.assertEqual(self.run_in("gate", "--against", before).returncode, 1)
        self.assertEqual(self.run_in("gate", "--against", after).returncode, 0)
        result = json.loads(support.run("diff", before, after, "--min-risk", "medium", "--format", "json").stdout)
        self.assertEqual([entry["subject"] for entry in result["introduced"]], ["new.c:added"])

    def test_an_option_that_repeats_leaves_the_path_alone(self):
        done = support.run("scan", "--exclude", "none.c", "--profile", "own-gil", "--format", "json", self.tree)
        self.assertEqual(json.loads(done.stdout)["root"], str(self.tree))

    def test_every_format_parses(self):
        (self.tree / "new.c").write_text(NEW)
        for name in ("json", "sarif", "gitlab"):
            json.loads(self.gate("--format", name).stdout)
        for name in ("github", "junit", "markdown"):
            self.assertIn("added", self.gate("--format", name).stdout)


if __name__ == "__main__":
    unittest.main()
