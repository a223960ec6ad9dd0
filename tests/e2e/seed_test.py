"""scripts/seed-globals on a small tree: the gate names every seeded global and is silent on harmless edits."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import support

FIXTURES = ["RF103-cached-import.c", "RF109-lazy-init-flag.c", "RF110-process-wide-setting.c",
            "RF111-unsynchronised-counter.c", "RF112-static-scratch-buffer.c", "RF201-static-type.c"]


class SeedTest(unittest.TestCase):
    def test_names_every_seed_and_no_harmless_edit(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in FIXTURES:
                shutil.copy(support.FIXTURES / "rules" / name, pathlib.Path(folder, name))
            done = subprocess.run([support.PROJECT / "scripts/seed-globals", folder, "--count", "17", "--edits", "12",
                                   "--ringfence", support.ringfence()], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"seeded: 17 globals of 17 kinds in \d files; named: 17; other variables named: 0;")
        self.assertRegex(done.stdout, r"harmless edits: 12 .* introduced: 0; fixed: 0; stale: 0; moved: 0")


if __name__ == "__main__":
    unittest.main()
