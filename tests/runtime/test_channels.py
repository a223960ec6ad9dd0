"""Channels, interpreters and what is built on them: runs the files inside_*.py in the Python under test.

    RINGFENCE_TEST_PYTHON=EXE python3 test_channels.py [Inside | Standard | Hard | Inside.test_buffers]"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

import building

PYTHON = os.environ.get("RINGFENCE_TEST_PYTHON", sys.executable)
HERE = os.path.dirname(os.path.abspath(__file__))


class Programs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        building.runtime_package(PYTHON, cls.scratch.name)
        cls.tally = os.path.join(cls.scratch.name, "tally")
        building.tally(PYTHON, "bad", cls.tally)

    def run_program(self, name, *arguments, **variables):
        run = subprocess.run([PYTHON, "-X", "faulthandler", os.path.join(HERE, name), *arguments],
                             env=dict(os.environ, PYTHONPATH=self.scratch.name, TALLY_FOLDER=self.tally, **variables),
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=280)
        self.assertEqual(run.returncode, 0, run.stdout)
        return run.stdout


class Inside(Programs):
    def run_inside(self, suite):
        self.run_program(f"inside_{suite}.py")

    def test_channels(self):
        self.run_inside("channels")

    def test_buffers(self):
        self.run_inside("buffers")

    def test_interpreters(self):
        self.run_inside("interpreters")

    def test_pools(self):
        self.run_inside("pools")

    def test_csp(self):
        self.run_inside("csp")

    def test_samples_of_the_docs(self):
        """docs/channels.md: as printed, each in a file of its own."""
        with open(os.path.join(building.ROOT, "docs", "channels.md")) as file:
            samples = re.findall(r"```python\n(.*?)```", file.read(), re.DOTALL)
        self.assertEqual(len(samples), 2)
        for sample, expected in zip(samples, (r"\('a.png', <.*Buffer.*>\)\n\d+\n", r"0 2 4\n")):
            name = os.path.join(self.scratch.name, "sample.py")
            with open(name, "w") as file:
                file.write(sample)
            self.assertRegex(self.run_program(name), f"^{expected}$")


class Standard(Programs):
    def test_the_tests_of_the_standard_library(self):
        self.run_program("inside_standard.py")


class Hard(Programs):
    """Stress, ends, and no memory."""

    def test_stress(self):
        self.run_program("channels_stress.py", "3", "6")

    def test_programs_that_end_in_the_middle(self):
        self.run_program("channels_ends.py", "5", "2")

    @unittest.skipIf(building.version(PYTHON) < (3, 12), "without memory its evaluation loop gives NULL and no exception")
    def test_no_memory(self):
        self.run_program("channels_memory.py", "2", **building.without_memory(self.scratch.name))


if __name__ == "__main__":
    unittest.main()
