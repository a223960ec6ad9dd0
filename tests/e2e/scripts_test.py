"""The index of scripts/ names every script there, and no other."""
import os
import re
import unittest

from support import PROJECT


class TheIndexOfScripts(unittest.TestCase):
    def test_names_every_script_and_no_other(self):
        named = re.findall(r"^\| [^|]*\| `([a-z-]+)` \|", (PROJECT / "scripts/README.md").read_text(), re.MULTILINE)
        present = [path.name for path in (PROJECT / "scripts").iterdir() if path.is_file() and os.access(path, os.X_OK)]
        self.assertEqual(sorted(named), sorted(present))


if __name__ == "__main__":
    unittest.main()
