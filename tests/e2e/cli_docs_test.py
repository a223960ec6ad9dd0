"""The man page and the completions that are made of --help: they are valid, and name what the program takes."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import support


class CliDocsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        subprocess.run([support.PROJECT / "scripts/cli-docs", support.ringfence(), cls.folder], check=True)

    def program(self, name):
        found = shutil.which(name)
        if not found:
            self.skipTest(f"{name} is not installed")
        return found

    def output_of(self, *command):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_the_man_page_is_valid_and_names_the_commands(self):
        page = self.output_of(self.program("groff"), "-man", "-Tascii", "-P-cbou", "-ww", self.folder / "ringfence.1")
        for words in ("ringfence gate [OPTIONS] [PATH]", "--changed-since", "baseline import", "EXIT STATUS"):
            self.assertIn(words, page)

    def complete(self, *words):
        """What bash offers for the last word."""
        script = (f"source {self.folder}/ringfence.bash; COMP_WORDS=({' '.join(words)}); "
                  f"COMP_CWORD={len(words) - 1}; _ringfence; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
        return self.output_of(self.program("bash"), "--norc", "-c", script).split()

    def test_bash_offers_commands_options_and_values(self):
        self.assertEqual(self.complete("ringfence", "ga"), ["gate"])
        self.assertEqual(self.complete("ringfence", "baseline", "im"), ["import"])
        self.assertEqual(self.complete("ringfence", "gate", "--base"), ["--baseline"])
        self.assertEqual(self.complete("ringfence", "scan", "--format", "sa"), ["sarif"])
        self.assertEqual(self.complete("ringfence", "baseline", "update", "--pru"), ["--prune"])
        self.assertEqual(self.complete("ringfence", "migrate", "--ad"), ["--adjust"])  # of a group of their own

    def test_an_option_that_needs_another_keeps_its_text(self):
        self.assertIn("'--adjust[changes the migrated copy by hand, before it is built]:CMD: '",
                      (self.folder / "_ringfence").read_text())
        self.assertIn("'*--make[makes an object whose type'\\''s references are counted (repeatable)]:EXPR: '",
                      (self.folder / "_ringfence").read_text())

    def test_an_option_that_excludes_another_takes_no_value_for_it(self):
        zsh, page = (self.folder / "_ringfence").read_text(), (self.folder / "ringfence.1").read_text()
        self.assertIn("'(--plan --edits --commit)--dry-run[print the change as a unified diff instead]'", zsh)
        self.assertIn("'(--against)--baseline[the reviewed decisions to compare with]:FILE:_files'", zsh)
        self.assertIn(".B \\-\\-dry\\-run\nprint the change as a unified diff instead (not with "
                      "\\-\\-plan, \\-\\-edits, \\-\\-commit)\n", page)
        for text in (zsh, page, (self.folder / "ringfence.fish").read_text()):
            self.assertNotRegex(text, "(Excludes|Needs)")

    def test_fish_offers_commands_options_and_values(self):
        fish, script = self.program("fish"), f"source {self.folder}/ringfence.fish; complete -C "
        self.assertIn("gate", self.output_of(fish, "--no-config", "-c", f"{script} 'ringfence ga'"))
        self.assertIn("--baseline", self.output_of(fish, "--no-config", "-c", f"{script} 'ringfence gate --base'"))
        self.assertIn("sarif", self.output_of(fish, "--no-config", "-c", f"{script} 'ringfence scan --format s'"))

    def test_zsh_reads_its_completion(self):
        zsh = self.program("zsh")
        self.output_of(zsh, "--no-rcs", "-n", self.folder / "_ringfence")
        loaded = self.output_of(zsh, "--no-rcs", "-c",
                                f"fpath=({self.folder} $fpath); autoload -U compinit; compinit -D -u; "
                                "echo $_comps[ringfence]")
        self.assertEqual(loaded.strip(), "_ringfence")


if __name__ == "__main__":
    unittest.main()
