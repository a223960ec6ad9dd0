"""The ten commands of runtime/README.md, from scan to green, run as they are written, in a copy of the project's files and a
virtual environment."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import support

README = support.PROJECT / "runtime/README.md"


def commands():
    """The numbered shell commands, in order, without their numbers."""
    block = re.search(r"## From scan to green.*?```sh\n(.*?)```", README.read_text(), re.DOTALL).group(1)
    numbered = [re.fullmatch(r"(.*?)\s+#\s+(\d+)\b.*", line).groups() for line in block.splitlines()]
    assert [int(number) for _, number in numbered] == list(range(1, 11)), numbered
    return [command for command, _ in numbered]


class FromScanToGreen(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.project = pathlib.Path(cls.scratch.name, "project")
        ignored = shutil.ignore_patterns("build", "__pycache__", "*.so", "*.egg-info", "compile_commands.json")
        for part in ("runtime", "fixtures/runtime"):
            shutil.copytree(support.PROJECT / part, cls.project / part, ignore=ignored)
        environment = pathlib.Path(cls.scratch.name, "venv")
        made = subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", environment], capture_output=True,
                              text=True, check=False)
        if made.returncode != 0:
            raise unittest.SkipTest(f"no virtual environment: {made.stdout.strip()[:200]}")
        os.symlink(support.ringfence(), environment / "bin/ringfence")
        # pip takes what is installed and asks no index.
        cls.env = dict(os.environ, PATH=f"{environment / 'bin'}:{os.environ['PATH']}", PIP_NO_INDEX="1",
                       PIP_NO_BUILD_ISOLATION="0", PIP_DISABLE_PIP_VERSION_CHECK="1")
        cls.env.pop("PYTHONDONTWRITEBYTECODE", None)
        if subprocess.run(["python", "-c", "import setuptools, wheel"], env=cls.env, capture_output=True, check=False).returncode:
            raise unittest.SkipTest("no setuptools or no wheel")
        cls.ran = cls.run_all()

    @classmethod
    def run_all(cls):
        """(exit code, output) of each command. One shell runs them all: they change the folder."""
        end = "ringfence-test-end"
        script = "".join(f"{command}\necho {end} $?\n" for command in commands())
        done = subprocess.run(["bash", "-c", script], cwd=cls.project, env=cls.env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        parts = re.split(rf"{end} (\d+)\n", done.stdout)
        return [(int(code), output) for output, code in zip(parts[::2], parts[1::2])]

    def check(self, number, code, *texts):
        got, output = self.ran[number - 1]
        self.assertEqual(got, code, output)
        for text in texts:
            self.assertIn(text, output)

    def test_ten_commands_run(self):
        self.assertEqual(len(self.ran), 10, self.ran)

    def test_the_scan_names_what_is_wrong(self):
        self.check(1, 0)
        self.check(2, 0, "recorded 1 compile command")
        self.check(3, 0, "word_counts", "TallyError", "total", "MarkerType")

    def test_the_exercise_shows_it(self):
        self.check(4, 0)
        self.check(5, 1, "shared-object: word_counts", "shared-object: TallyError", "changed: total",
                   "type-mutated: MarkerType", "alone it gives")
        self.check(6, 0, "seen in a run: changed, shared-object in CPython " + ".".join(map(str, sys.version_info[:3])))

    def test_private_copies_live_with_it(self):
        self.check(7, 0, "passed")

    def test_the_repaired_twin_is_green(self):
        self.check(8, 0)
        self.check(9, 1, "RF_STATE")
        self.check(10, 0, "fork", "passed", "No problem of risk medium or higher")


if __name__ == "__main__":
    unittest.main()
