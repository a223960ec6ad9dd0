"""One version: CMakeLists.txt has it, all other places say the same."""

import re
import unittest

from support import PROJECT, run

PLACES = {
    "runtime/CMakeLists.txt": r"project\(ringfence-runtime VERSION ([0-9.]+)",
    "runtime/python/setup.py": r"version=\"([0-9.]+)\"",
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
        self.version = found("CMakeLists.txt", r"project\(ringfence VERSION ([0-9.]+)")
        self.assertRegex(self.version, r"^\d+\.\d+\.\d+$")

    def test_every_place_names_the_version_of_the_project(self):
        self.assertEqual({path: found(path, pattern) for path, pattern in PLACES.items()},
                         {path: self.version for path in PLACES})

    def test_the_runtime_header_has_it_in_numbers(self):
        header = (PROJECT / "runtime/include/ringfence.h").read_text()
        numbers = [re.search(rf"#define RF_VERSION_{part} (\d+)", header)[1] for part in ("MAJOR", "MINOR", "PATCH")]
        self.assertEqual(".".join(numbers), self.version)

    def test_the_program_says_it(self):
        self.assertIn(f"ringfence {self.version} ", run("--version").stdout)


if __name__ == "__main__":
    unittest.main()
