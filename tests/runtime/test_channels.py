"""ringfence.channels in one interpreter: what can be passed and how, waiting, buffers, asyncio.

    RINGFENCE_TEST_PYTHON=EXE python3 test_channels.py"""
import os
import subprocess
import sys
import tempfile
import unittest

import building

PYTHON = os.environ.get("RINGFENCE_TEST_PYTHON", sys.executable)


class Channels(unittest.TestCase):
    def test_suite_inside(self):
        with tempfile.TemporaryDirectory() as folder:
            building.runtime_package(PYTHON, folder)
            for suite in ("inside_channels", "inside_buffers"):
                run = subprocess.run([PYTHON, "-X", "faulthandler", os.path.join(os.path.dirname(os.path.abspath(__file__)), suite + ".py")],
                                     env=dict(os.environ, PYTHONPATH=folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                     text=True, timeout=200)
                self.assertEqual(run.returncode, 0, run.stdout)


if __name__ == "__main__":
    unittest.main()
