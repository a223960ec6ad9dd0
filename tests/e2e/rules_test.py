"""`ringfence rules`: the table, and what the author of a bad rule is told."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

RINGFENCE = os.environ["RINGFENCE"]


def run(*arguments):
    return subprocess.run([RINGFENCE, "rules", *arguments], capture_output=True, text=True, timeout=60)


class RulesTest(unittest.TestCase):
    def test_lists_every_built_in_rule(self):
        result = run()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        root = pathlib.Path(__file__).resolve().parents[2]
        for rule in root.glob("rules/RF*.json"):
            code, name = rule.stem.split("-", 1)
            self.assertRegex(result.stdout, rf"(?m)^{code}\s+{name}\s")

    def test_lists_predicates(self):
        result = run("--predicates")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"(?m)^object\s+deep-const\s")

    def test_names_the_nearest_spelling_in_a_bad_rule(self):
        rule = {"code": "RF950", "name": "mine", "applies_to": "call", "when": {"calls-any-with": "gilstat"},
                "message": "m", "why": "w"}
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "RF950-mine.json")
            path.write_text(json.dumps(rule))
            result = run("--rules", folder)
            self.assertEqual(result.returncode, 2)
            self.assertIn('did you mean "gilstate"?', result.stderr)
            rule["when"] = {"calls-any-with": "gilstate"}
            path.write_text(json.dumps(rule))
            result = run("--rules", folder)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertRegex(result.stdout, r"(?m)^RF950\s+mine\s+check\s+call\s")


if __name__ == "__main__":
    unittest.main()
