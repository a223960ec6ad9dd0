"""Every declaration shape is found, and so is the object that stands after it (shapes/ says how shapes are marked)."""

import collections
import json
import pathlib
import re
import tempfile
import unittest

import support

SHAPES = pathlib.Path(__file__).parent / "shapes"
STANDARD = {"file_scope.c": "gnu11", "macros_and_blocks.c": "gnu23", "scopes.cc": "c++20"}
SHAPE_COUNT = 73


def read_shapes():
    """[(file, number, description, [objects])] from the markers."""
    shapes = []
    for name in STANDARD:
        for line in (SHAPES / name).read_text().splitlines():
            marker = re.match(r"\s*// (\d+)\. (.*): (.*)$", line)
            if marker:
                objects = re.findall(r"\[[^]]*\]|\([^)]*\)|[^\s,]+", marker[3].replace(r"caf\u00e9", "café"))
                shapes.append((name, int(marker[1]), marker[2], objects))
    return shapes


class ShapesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            database = pathlib.Path(folder) / "compile_commands.json"
            database.write_text(json.dumps([
                {"directory": str(SHAPES), "file": name, "arguments": ["clang", f"-std={standard}", "-c", name]}
                for name, standard in STANDARD.items()]))
            cls.report = support.scan(SHAPES, "--compile-commands", database)
        cls.found = collections.Counter()
        for entry in cls.report["objects"]:
            name = f"{entry['function']}():{entry['name']}" if entry["function"] else entry["name"]
            cls.found[entry["file"], name] += 1

    def test_all_shapes_are_there(self):
        self.assertEqual([number for _, number, _, _ in read_shapes()], list(range(1, SHAPE_COUNT + 1)))

    def test_units_are_complete(self):
        self.assertEqual({unit["file"]: unit["status"] for unit in self.report["units"]},
                         {name: "complete" for name in STANDARD})

    def test_each_is_found(self):
        for file, number, description, objects in read_shapes():
            with self.subTest(shape=f"{number}. {description}"):
                for name in objects:
                    self.assertEqual(self.found[file, name], 2 if name.endswith(":twice") else 1, name)

    def test_what_stands_after_is_found(self):
        sentinels = {(file, name.partition(":")[2] or name) for file, name in self.found}
        for file, number, description, _ in read_shapes():
            with self.subTest(shape=f"{number}. {description}"):
                self.assertIn((file, f"after_{number}"), sentinels)

    def test_nothing_is_invented(self):
        """What only looks like a declaration: in a string, or of a function."""
        self.assertNotIn(("scopes.cc", "not_a_declaration"), self.found)
        self.assertNotIn(("macros_and_blocks.c", "prototype"), self.found)


if __name__ == "__main__":
    unittest.main()
