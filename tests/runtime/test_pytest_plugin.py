"""The pytest plugin on the example extension.

    RINGFENCE_TEST_PYTHON=EXE python3 test_pytest_plugin.py      (skipped where that Python has no pytest)"""
import os
import subprocess
import sys
import tempfile
import unittest

import building

PYTHON = os.environ.get("RINGFENCE_TEST_PYTHON", sys.executable)
TESTS = """
import pytest

@pytest.mark.ringfence(module="tally", path=["{which}"], gil="shared", interpreters=2, concurrent=True)
def test_total_counts_the_runs_of_this_interpreter():
    import sys, tally
    sys.runs = getattr(sys, "runs", 0) + 1
    tally.add("a")
    assert tally.total() == sys.runs

@pytest.mark.ringfence(module="tally", path=["{which}"], gil="shared", wrong=1)
def test_unknown_keyword():
    pass

def test_unmarked():
    assert True
"""


@unittest.skipIf(subprocess.run([PYTHON, "-c", "import pytest"], capture_output=True).returncode, "no pytest")
class Plugin(unittest.TestCase):
    def outcomes(self, which):
        with tempfile.TemporaryDirectory() as folder:
            building.runtime_package(PYTHON, folder)
            building.tally(PYTHON, which, os.path.join(folder, which))
            with open(os.path.join(folder, "test_it.py"), "w") as file:
                file.write(TESTS.format(which=os.path.join(folder, which)))
            run = subprocess.run([PYTHON, "-m", "pytest", "-q", "-p", "ringfence.pytest_plugin", "test_it.py"], cwd=folder,
                                 capture_output=True, text=True)
            return run.stdout

    def test_bad_extension_fails(self):
        out = self.outcomes("bad")
        self.assertIn("2 failed, 1 passed", out)
        self.assertIn("AssertionError", out)

    def test_repaired_extension_passes(self):
        out = self.outcomes("repaired")
        self.assertIn("1 failed, 2 passed", out)
        self.assertIn("unknown: wrong", out)


if __name__ == "__main__":
    unittest.main()
