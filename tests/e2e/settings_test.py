"""A project's settings: ringfence.toml and [tool.ringfence], for every command, under the command line."""
import json
import pathlib
import shutil
import tempfile
import unittest

from support import PROJECT, run

SOURCE = PROJECT / "fixtures/rules/RF103-cached-import.c"


class SettingsTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tree = pathlib.Path(scratch.name)
        shutil.copy(SOURCE, self.tree / "m.c")
        (self.tree / "vendor").mkdir()
        shutil.copy(SOURCE, self.tree / "vendor/v.c")

    def settings(self, text, name="ringfence.toml"):
        (self.tree / name).write_text(text)

    def report(self, *arguments):
        done = run("scan", str(self.tree), "--no-cache", "-q", "--format", "json", *arguments)
        return json.loads(done.stdout)

    def files(self, report):
        return sorted(unit["file"] for unit in report["units"])

    def test_excludes_profiles_and_arguments_are_taken(self):
        self.settings('exclude = ["vendor"]\nprofiles = ["own-gil"]\nextra-args = ["-DPy_XINCREF(x)=never_declared"]\n')
        report = self.report()
        self.assertEqual(self.files(report), ["m.c"])
        self.assertEqual(report["profiles"], ["own-gil"])
        self.assertIn(f"settings: {self.tree}/ringfence.toml", report["notes"])

    def test_the_command_line_wins(self):
        self.settings('[tool.ringfence]\nexclude = ["vendor"]\n', "pyproject.toml")
        self.assertEqual(self.files(self.report()), ["m.c"])
        self.assertEqual(self.files(self.report("--exclude", "m.c")), ["vendor/v.c"])
        self.assertEqual(self.files(self.report("--no-settings")), ["m.c", "vendor/v.c"])

    def test_a_macro_on_the_command_line_reaches_every_unit(self):
        (self.tree / "n.c").write_text("#ifdef ONLY_SO\nstatic int seen;\nvoid touch(void) { seen++; }\n#endif\n")
        names = lambda report: [item["name"] for item in report["objects"]]  # noqa: E731
        self.assertNotIn("seen", names(self.report()))
        self.assertIn("seen", names(self.report("-D", "ONLY_SO")))

    def test_what_is_ignored_is_suppressed_with_its_reason(self):
        self.settings('[[ignore]]\nrule = "RF312"\npaths = ["vendor"]\nreason = "not ours"\n')
        found = {finding["file"]: finding.get("suppressed") for finding in self.report()["findings"]
                 if finding["rule"].startswith("RF312")}
        self.assertEqual(found["vendor/v.c"]["reason"], "not ours")
        self.assertIsNone(found["m.c"])

    def test_mistakes_are_usage_errors(self):
        for text, message in (('worldz = []', '"worldz" is no key; did you mean "worlds"?'), ('profiles = ["own"]', "--profile: own not in"),
                              ('[risk]\nRF1033 = "low"', 'there is no rule "RF1033"; did you mean "RF103"?')):
            self.settings(text + "\n")
            done = run("scan", str(self.tree), "--no-cache")
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(message, done.stderr)

    def test_the_gate_finds_the_baseline_of_the_tree(self):
        self.assertEqual(run("gate", str(self.tree), "--no-cache", "-q").returncode, 2)
        run("baseline", "write", str(self.tree), "--no-cache", "-q", "-o", str(self.tree / "ringfence.baseline"), "--reason", "first")
        self.assertEqual(run("gate", str(self.tree), "--no-cache", "-q").returncode, 0)


if __name__ == "__main__":
    unittest.main()
