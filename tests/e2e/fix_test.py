"""`scan --fix` and `--fix-dry-run`: `const` where it compiles, and nowhere else."""

import pathlib
import subprocess
import tempfile
import unittest

import support

SOURCE = """\
#include "shared.h"
static int primes[] = {2, 3, 5};
static char *names[] = {"a", "b"};
static int (*chosen)(int) = square;
static int first = 1, second = 2;
static int handed_out = 3;
static int counter;
MAKE(made)
int square(int x) { return x * x; }
void take(int *p);
int use(int i) {
  static unsigned long local[] = {1, 2};
  take(&handed_out);
  return primes[i] + names[i][0] + chosen(i) + first + second + shared_table[i] + made + counter++ + (int)local[0];
}
"""
HEADER = """\
extern int shared_table[2];
int square(int x);
#define MAKE(name) static int name = 4;
"""
OTHER = '#include "shared.h"\nint shared_table[2] = {1, 2};\nint other(int i) { return shared_table[i]; }\n'


class FixTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        for name, text in {"a.c": SOURCE, "b.c": OTHER, "shared.h": HEADER}.items():
            (self.tree / name).write_text(text)

    def test_nothing_outside_of_the_tree_is_written(self):
        with tempfile.TemporaryDirectory() as outside:
            victim, header = pathlib.Path(outside) / "victim.c", pathlib.Path(outside) / "v.h"
            for link, target in (("linked.c", victim), ("inc", outside)):
                with self.subTest(link):
                    victim.write_text("static int never = 3;\nint f(void) { return never; }\n")
                    header.write_text("static int hnever = 3;\n")
                    before = victim.read_text() + header.read_text()
                    tree = pathlib.Path(outside) / "tree"
                    tree.mkdir(exist_ok=True)
                    for old in tree.iterdir():
                        old.unlink()
                    (tree / link).symlink_to(target)
                    (tree / "b.c").write_text('#include "inc/v.h"\nint g(void) { return hnever; }\n' if link == "inc" else "")
                    support.run("scan", "--fix", "--allow-incomplete", tree)
                    self.assertEqual(victim.read_text() + header.read_text(), before)

    def test_writes_const_where_every_unit_still_compiles(self):
        done = support.run("scan", "--fix", self.tree)
        self.assertEqual(done.returncode, 0, done.stderr)
        fixed = (self.tree / "a.c").read_text()
        for line in ("static const int primes[] = {2, 3, 5};", 'static char *const names[] = {"a", "b"};',
                     "static int (*const chosen)(int) = square;", "  static const unsigned long local[] = {1, 2};"):
            self.assertIn(line, fixed)
        self.assertIn("extern const int shared_table[2];", (self.tree / "shared.h").read_text())
        self.assertIn("const int shared_table[2] = {1, 2};", (self.tree / "b.c").read_text())
        for name in ("a.c", "b.c"):
            subprocess.run(["clang-19", "-fsyntax-only", "-Wall", "-Werror=incompatible-pointer-types", "-Werror=incompatible-pointer-types-discards-qualifiers",
                            self.tree / name], check=True, capture_output=True)

    def test_leaves_what_is_written_handed_out_shared_or_made_by_a_macro(self):
        support.run("scan", "--fix", self.tree)
        fixed = (self.tree / "a.c").read_text()
        for line in ("static int first = 1, second = 2;", "static int handed_out = 3;", "static int counter;",
                     "MAKE(made)"):
            self.assertIn(line, fixed)

    def test_dry_run_prints_a_diff_that_patch_applies_and_writes_nothing(self):
        before = {path: path.read_text() for path in self.tree.iterdir()}
        dry = support.run("scan", "--fix-dry-run", self.tree)
        self.assertEqual(before, {path: path.read_text() for path in self.tree.iterdir()})
        subprocess.run(["patch", "-p1"], cwd=self.tree, input=dry.stdout, text=True, check=True, capture_output=True)
        patched = {path.name: path.read_text() for path in self.tree.iterdir()}
        for path, text in before.items():
            path.write_text(text)
        support.run("scan", "--fix", self.tree)
        self.assertEqual(patched, {path.name: path.read_text() for path in self.tree.iterdir()})


if __name__ == "__main__":
    unittest.main()
