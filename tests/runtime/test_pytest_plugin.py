"""The pytest plugin on the example extension.

    RINGFENCE_TEST_PYTHON=EXE python3 test_pytest_plugin.py      (skipped where that Python has no pytest)"""
import os
import subprocess
import sys
import tempfile
import unittest

import building

PYTHON = os.environ.get("RINGFENCE_TEST_PYTHON", sys.executable)
INSTALLED = subprocess.run([PYTHON, "-c", "import importlib.metadata as m; m.version('ringfence')"], capture_output=True).returncode == 0
PLUGIN = [] if INSTALLED else ["-p", "ringfence.pytest_plugin"]
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
SHAPES = """
import functools
import pathlib
import unittest
import pytest

PATH = pathlib.Path("lib")

def helper(words):
    import tally
    return [tally.add(word) for word in words]

def nothing():
    pass

class TestMethods:
    words = ["a", "b"]

    @pytest.mark.ringfence(module="tally", path=PATH, gil="shared", interpreters=1)
    @pytest.mark.slow
    def test_method_with_a_helper(self):
        assert len(helper(self.words)) == 2

    @pytest.mark.ringfence(module="tally", path=PATH, gil="shared", interpreters=1)
    def test_method_that_fails(self):
        with pytest.raises(ValueError):
            int("x")
        assert helper(self.words) == "wrong"

@pytest.mark.ringfence(module="tally", path=[PATH], gil="shared", interpreters=1)
async def test_async():
    import asyncio
    await asyncio.sleep(0)
    assert len(helper(["a"])) == 1

@pytest.mark.ringfence(module="tally", path=[PATH], gil="shared", interpreters=1)
async def test_async_that_fails():
    raise KeyError("seen")

@pytest.mark.ringfence(module="tally", path=[PATH], gil="shared", manifest="none.json")
def test_with_a_manifest_of_something_else():
    pass

@pytest.mark.ringfence(module="tally", gil="shared")
def test_without_a_path():
    pass

@pytest.mark.ringfence(module="tally", path=[PATH])
def test_with_a_fixture(tmp_path):
    pass

ringfence = pytest.mark.ringfence(module="tally", path=PATH, gil="shared", interpreters=1)

seen = []

def setup_module():
    seen.append("module")

def setup_function(function):
    seen.append(function.__name__)

@ringfence
def test_function_set_up():
    assert seen[0] == "module" and seen[-1] == "test_function_set_up"

class TestSetUp:
    @classmethod
    def setup_class(cls):
        cls.ready = seen[0]

    def setup_method(self, method):
        self.name = method.__name__

    @ringfence
    def test_set_up(self):
        assert (self.ready, self.name) == ("module", "test_set_up")

class OfUnittest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.word = "c"

    @ringfence
    def test_that_passes(self):
        self.assertTrue(helper([self.word]))

    @ringfence
    def test_that_skips_itself(self):
        self.skipTest("seen by unittest")

    @ringfence
    def test_that_fails(self):
        self.assertEqual(self.word, "of unittest")

@ringfence
def test_that_skips_itself():
    pytest.skip("seen by pytest")

@ringfence
@functools.wraps(nothing)
def test_under_another_name():
    assert False, "run under another name"

@ringfence
@pytest.mark.parametrize("word", ["a"])
def test_with_a_parameter(word):
    pass

@pytest.fixture(autouse=True)
def around():
    yield
"""


@unittest.skipIf(subprocess.run([PYTHON, "-c", "import pytest"], capture_output=True).returncode, "no pytest")
class Plugin(unittest.TestCase):
    def outcomes(self, which):
        with tempfile.TemporaryDirectory() as folder:
            building.runtime_package(PYTHON, folder)
            building.tally(PYTHON, which, os.path.join(folder, which))
            with open(os.path.join(folder, "test_it.py"), "w") as file:
                file.write(TESTS.format(which=os.path.join(folder, which)))
            run = subprocess.run([PYTHON, "-m", "pytest", "-q", *PLUGIN, "test_it.py"], cwd=folder,
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

    def check_shapes(self, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            building.runtime_package(PYTHON, folder)
            tests = os.path.join(folder, "tests")
            building.tally(PYTHON, "repaired", os.path.join(tests, "lib"))
            for name, text in (("test_shapes.py", SHAPES), ("none.json", '{"schema": "ringfence-manifest/1", "files": []}')):
                with open(os.path.join(tests, name), "w") as file:
                    file.write(text)
            out = subprocess.run([PYTHON, "-m", "pytest", "-q", "-rs", *PLUGIN, "tests", *arguments],
                                 cwd=folder, capture_output=True, text=True).stdout
        self.assertIn("8 failed, 5 passed, 2 skipped", out)
        for text in ("AssertionError", "KeyError: 'seen'", "lists no shared object of tally", "there is no module tally",
                     "takes no fixtures and no parameters", "AssertionError: 'c' != 'of unittest'", "run under another name",
                     "skipped itself: seen by unittest", "skipped itself: seen by pytest"):
            self.assertIn(text, out)

    def test_methods_async_tests_helpers_and_paths(self):
        self.check_shapes()

    @unittest.skipIf(subprocess.run([PYTHON, "-c", "import xdist"], capture_output=True).returncode, "no xdist")
    def test_under_xdist(self):
        self.check_shapes("-n", "2")


if __name__ == "__main__":
    unittest.main()
