"""One version: runtime/include/ringfence.h has it, builds read it there, and texts for users say the same."""

import re
import subprocess
import sys
import unittest

from support import PROJECT, run

PLACES = {
    "docs/adopting.md": r"rev: v([0-9.]+)",
    "examples/github-workflow.yml": r"pip install ringfence==([0-9.]+)",
    "examples/gitlab-ci.yml": r"pip install ringfence==([0-9.]+)",
    "examples/pre-commit-config.yaml": r"ringfence==([0-9.]+)",
    "CHANGELOG.md": r"^## ([0-9.]+)",  # the newest comes first
}


def found(path, pattern):
    match = re.search(pattern, (PROJECT / path).read_text(), re.MULTILINE)
    return match and match[1]


class VersionTest(unittest.TestCase):
    def setUp(self):
        self.version = ".".join(found("runtime/include/ringfence.h", rf"^#define RF_VERSION_{part} (\d+)$")
                                for part in ("MAJOR", "MINOR", "PATCH"))

    def test_every_text_names_it(self):
        self.assertEqual({path: found(path, pattern) for path, pattern in PLACES.items()},
                         {path: self.version for path in PLACES})

    def test_no_build_file_has_one_of_its_own(self):
        for path in ("CMakeLists.txt", "runtime/CMakeLists.txt", "runtime/python/setup.py", "scripts/wheels"):
            self.assertNotIn(self.version, (PROJECT / path).read_text(), path)

    def test_the_python_package_has_it(self):
        said = subprocess.run([sys.executable, "setup.py", "--version"], cwd=PROJECT / "runtime/python", check=True,
                              capture_output=True, text=True).stdout
        self.assertEqual(said.split()[-1], self.version)

    def test_the_program_says_it(self):
        self.assertIn(f"ringfence {self.version} ", run("--version").stdout)


if __name__ == "__main__":
    unittest.main()
