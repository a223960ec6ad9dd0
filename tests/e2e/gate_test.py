"""`ringfence baseline`, `gate` and `diff` as a project's CI uses them."""

import json
import pathlib
import shlex
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

    def test_what_the_source_allows_with_a_reason_passes(self):
        new = self.tree / "new.c"
        new.write_text("// ringfence: allow RF138,RF110,RF111 counts calls of a test\n" + NEW)
        explained = support.run("explain", "added", self.tree).stdout
        self.assertIn("allowed at new.c:1: counts calls of a test", explained)
        done = self.gate()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("suppressed: new.c:added", done.stdout)
        self.assertIn("counts calls of a test (new.c:1)", done.stdout)
        self.assertEqual(self.gate("--strict").returncode, 1)  # two of the three rules find nothing there
        report = support.scan(self.tree)
        self.assertEqual(report["accounting"]["suppressed"], 1)
        self.assertEqual(report["accounting"]["findings_by_rule"]["RF901 unused-suppression"], 2)
        self.assertEqual(self.run_in("scan", "--fail-on", "medium", "--include", "new.c").returncode, 0)
        sarif = json.loads(self.gate("--format", "sarif").stdout)
        self.assertEqual([r["suppressions"][0]["justification"] for r in sarif["runs"][0]["results"]
                          if "suppressions" in r], ["counts calls of a test"])

    def test_a_suppression_without_a_reason_allows_nothing(self):
        (self.tree / "new.c").write_text("// ringfence: allow RF111\n" + NEW)
        introduced = {entry["rule"][:5] for entry in self.gate_json()["introduced"]}
        self.assertEqual(introduced, {"RF111", "RF902"})

    def test_the_macro_allows_what_macros_declare(self):
        header = support.PROJECT / "runtime/include/ringfence_allow.h"
        (self.tree / "ringfence_allow.h").write_text(header.read_text())
        (self.tree / "new.c").write_text(
            '#include "ringfence_allow.h"\n'
            '#define TWO(a, b) RINGFENCE_ALLOW("RF111", "a test") int a; int b;\n'
            "TWO(first, second)\nint add(void) { return ++first + ++second; }\n")
        result = self.gate_json()
        self.assertEqual([entry["subject"] for entry in result["introduced"]], ["new.c:second"])
        self.assertEqual([entry["subject"] for entry in result["suppressed"]], ["new.c:first"])

    def test_what_it_says_to_type_accepts(self):
        (self.tree / "new.c").write_text(NEW + "int other;\nint next(void) { return ++other; }\n")
        line = next(line for line in self.gate().stdout.splitlines() if "--only" in line and "added" in line)
        command = shlex.split(line.split("or: ")[1].replace("WHY", "reviewed"))
        self.assertEqual(command[0], "ringfence")
        self.assertEqual(support.run(*command[1:]).returncode, 0)
        self.assertEqual([entry["subject"] for entry in self.gate_json()["introduced"]], ["new.c:other"])

    def edit_rows(self, **changes):
        header, *rows = self.baseline.read_text().splitlines()
        rows = [json.dumps(json.loads(row) | changes) for row in rows]
        self.baseline.write_text("\n".join([header, *rows]) + "\n")

    def test_strict_fails_on_rows_without_a_reason_and_on_stale_ones(self):
        self.assertEqual(self.gate("--strict").returncode, 0)
        self.edit_rows(reason="", section="accepted", owner="a team", issue="#7")
        self.assertEqual(self.gate().returncode, 0)
        done = self.gate("--strict")
        self.assertEqual(done.returncode, 1)
        self.assertIn("row without a reason: old.c:counter", done.stdout)
        self.edit_rows(reason="harmless")
        self.assertEqual(self.gate("--strict").returncode, 0)
        (self.tree / "old.c").write_text("int f(void) { return 1; }\n")
        self.assertEqual(self.gate().returncode, 0)
        done = self.gate("--strict")
        self.assertEqual(done.returncode, 1)
        self.assertIn("stale row: old.c:counter", done.stdout)

    def test_an_expired_row_accepts_nothing(self):
        self.edit_rows(expires="2001-01-31")
        done = self.gate()
        self.assertEqual(done.returncode, 1)
        self.assertIn("expired row: old.c:counter", done.stdout)
        self.assertIn("old.c:1", done.stdout)

    def test_profile_and_min_risk_say_what_counts(self):
        (self.tree / "new.c").write_text(NEW)
        self.assertEqual(self.gate("--profile", "shared-gil").returncode, 0)  # a counter is of low risk there
        self.assertEqual(self.gate("--profile", "own-gil").returncode, 1)
        self.assertEqual(self.gate("--profile", "own-gil", "--min-risk", "high").returncode, 0)

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
