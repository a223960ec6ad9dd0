"""A room of tool/ includes only what docs/architecture.md lists above it; a wing, only what its row names."""

import re
import unittest

import support

TOOL = support.PROJECT / "tool"
PAGE = (support.PROJECT / "docs" / "architecture.md").read_text()


def includes(folder):
    """Pairs of a file and what it includes of ours, both below `folder`."""
    for source in sorted([*folder.rglob("*.cc"), *folder.rglob("*.h")]):
        for name in re.findall(r'^#include "(.+?)"', source.read_text(), re.MULTILINE):
            yield source.relative_to(folder), name


def with_uses_of_uses(uses):
    def reach(wing):
        return {wing}.union(*map(reach, uses.get(wing, ())))

    return {wing: reach(wing) for wing in uses}


class RoomsTest(unittest.TestCase):
    def test_rooms_include_what_stands_above_them(self):
        rooms = re.findall(r"^\| `(\w+)/` \|[^|]*\|$", PAGE, re.MULTILINE)
        self.assertEqual(sorted(rooms), sorted(folder.name for folder in TOOL.iterdir() if folder.is_dir()))
        wrong = [
            f"{source} includes {name}"
            for source, name in includes(TOOL)
            if len(source.parts) > 1 and rooms.index(name.split("/")[0]) > rooms.index(source.parts[0])
        ]
        self.assertEqual(wrong, [])

    def test_wings_include_what_their_rows_name(self):
        tables = re.findall(r"^\| wing of `(\w+)/` \|.*\n\|[-| ]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
        self.assertEqual(sorted(room for room, _ in tables), ["classify", "extract"])
        for room, rows in tables:
            cells = re.findall(r"^\| `(\w+)/` \|[^|]*\|([^|]*)\|$", rows, re.MULTILINE)
            uses = {wing: set(re.findall(r"`([\w.]+)`", used)) for wing, used in cells}
            self.assertEqual(sorted(uses), sorted(f.name for f in (TOOL / room).iterdir() if f.is_dir()))
            may = with_uses_of_uses(uses)
            wrong = [
                f"{source} includes {name}"
                for source, name in includes(TOOL / room)
                if len(source.parts) > 1 and name.startswith(room + "/")
                if name.split("/")[1] not in may[source.parts[0]]
            ]
            self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
