"""Every command that a screen prints runs as it is printed, and reads the tree as the command before it did."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from support import PROJECT, ringfence, run

SOURCE = (PROJECT / "fixtures/rules/RF103-cached-import.c").read_text()
NEW = "static int added;\nint add(void) { return ++added; }\n"


def printed(screen):
    """The commands of a screen: below "next:", and those that accept or drop rows of a baseline."""
    below = screen.partition("\nnext:\n")[2].splitlines()
    commands = [re.split(r"\s{2,}", line.strip())[0] for line in below if line.startswith("  ")]
    return commands + re.findall(r"(?:or|with): (ringfence baseline .*)", screen)


class PrintedCommandsTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tree = pathlib.Path(scratch.name) / "a tree"
        (self.tree / "headers of mine").mkdir(parents=True)
        (self.tree / "headers of mine/mine.h").write_text("#define MINE 1\n")
        (self.tree / "m.c").write_text("#include <mine.h>\n#ifndef ASKED\n#error asked\n#endif\n" + SOURCE)
        self.options = ["-I", str(self.tree / "headers of mine"), "-D", "ASKED=1", "--exclude", "headers*"]

    def paste(self, command, cwd, accepted=(0,)):
        """Runs it in a shell, as a person would."""
        path = str(ringfence().resolve().parent) + os.pathsep + os.environ["PATH"]
        done = subprocess.run(["sh", "-c", command], cwd=cwd, env={**os.environ, "PATH": path}, capture_output=True,
                              text=True, timeout=300, check=False)
        self.assertIn(done.returncode, accepted, f"{command}\n{done.stdout}{done.stderr}")
        return done

    def test_a_scan_names_commands_that_read_the_tree_as_it_did(self):
        for where, cwd in (([], self.tree), ([str(self.tree)], self.tree.parent)):
            scan = run("scan", *where, *self.options, cwd=cwd)
            self.assertEqual(scan.returncode, 0, scan.stdout + scan.stderr)
            commands = printed(scan.stdout)
            self.assertEqual([command.split()[1] for command in commands], ["explain", "explain", "baseline"])
            for command in commands:
                done = self.paste(command, cwd)
                self.assertNotIn("read in part", done.stderr)
            gate = run("gate", *where, *self.options, "--baseline", "ringfence.baseline", cwd=cwd)
            self.assertEqual(gate.returncode, 0, gate.stdout + gate.stderr)

    def test_what_a_module_is_explained_with_runs(self):
        explained = run("explain", "spam", "-q", *self.options, cwd=self.tree)
        self.assertEqual(explained.returncode, 0, explained.stderr)
        self.assertNotIn("claim: ", explained.stdout)
        commands = printed(explained.stdout)
        self.assertEqual(len(commands), 1, explained.stdout)
        self.assertIn("Evidence:", self.paste(commands[0], self.tree).stdout)

    def test_an_incomplete_scan_names_a_build_of_the_tree(self):
        (self.tree / "Makefile").write_text("all:\n\tcc -I'headers of mine' -DASKED -c m.c -o m.o || true\n")
        scan = run("scan", cwd=self.tree)
        self.assertEqual(scan.returncode, 3, scan.stdout)
        commands = printed(scan.stdout)
        self.assertEqual(commands[0], "ringfence capture -- make -B")
        for command in commands:
            self.paste(command, self.tree, accepted=(0, 3))
        (self.tree / "Makefile").unlink()
        (self.tree / "compile_commands.json").unlink()
        (self.tree / "CMakeLists.txt").write_text("project(m C)\nadd_library(m OBJECT m.c)\n")
        scan = run("scan", str(self.tree), cwd=self.tree.parent)
        command = f"cd '{self.tree}' && cmake -S . -B build -DCMAKE_EXPORT_COMPILE_COMMANDS=ON && ringfence scan -p build"
        self.assertEqual(printed(scan.stdout)[0], command)
        if shutil.which("cmake"):
            done = self.paste(command, self.tree.parent, accepted=(3,))
            self.assertEqual(printed(done.stdout)[0], "ringfence scan -p build --allow-incomplete")

    def test_a_gate_names_commands_that_make_it_pass(self):
        done = run("init", *self.options, cwd=self.tree)
        self.assertEqual(done.returncode, 0, done.stderr)
        for command in printed(done.stdout):
            self.paste(command, self.tree)
        (self.tree / "m.c").write_text((self.tree / "m.c").read_text() + NEW)
        gate = run("gate", *self.options, cwd=self.tree)
        self.assertEqual(gate.returncode, 1, gate.stderr)
        commands = printed(gate.stdout)
        self.assertEqual(len(commands), 2, gate.stdout)
        for command in commands:
            self.paste(command, self.tree)
            self.assertEqual(run("gate", *self.options, cwd=self.tree).returncode, 0)

    def test_rows_that_nothing_matches_are_said_to_do_no_harm(self):
        run("baseline", "write", "-o", "ringfence.baseline", "--accepted", "--reason", "seen", *self.options,
            cwd=self.tree)
        (self.tree / "m.c").write_text("#include <mine.h>\n" + NEW)
        gate = run("gate", *self.options, "--min-risk", "high", cwd=self.tree)
        self.assertEqual(gate.returncode, 0, gate.stdout)
        self.assertIn("it does no harm, and only --strict fails on it", gate.stdout)
        for command in printed(gate.stdout):
            self.paste(command, self.tree)
        self.assertNotIn("stale row", run("gate", *self.options, "--min-risk", "high", cwd=self.tree).stdout)


class EnvironmentTest(unittest.TestCase):
    def test_headers_of_a_package_in_an_environment_are_found_by_its_python(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            done = subprocess.run(["python3", "-m", "venv", "--without-pip", str(folder / "env")], check=False,
                                  capture_output=True, timeout=120)
            if done.returncode != 0:
                self.skipTest("no venv")
            packages = next((folder / "env/lib").glob("python*/site-packages"))
            (packages / "cppy/include/cppy").mkdir(parents=True)
            (packages / "cppy/include/cppy/cppy.h").write_text("#define CPPY 1\n")
            (folder / "tree").mkdir()
            (folder / "tree/m.c").write_text("#include <cppy/cppy.h>\n" + SOURCE)
            scan = run("scan", "tree", "--python", "env/bin/python3", cwd=folder)
            self.assertEqual(scan.returncode, 0, scan.stderr)
            self.assertNotIn("missing header", scan.stderr)

    def test_an_installed_package_that_is_read_in_part_is_for_audit(self):
        with tempfile.TemporaryDirectory() as scratch:
            package = pathlib.Path(scratch) / "site-packages/pkg"
            package.mkdir(parents=True)
            (package / "m.c").write_text("#include <no_such.h>\n" + SOURCE)
            scan = run("scan", str(package))
            self.assertEqual(scan.returncode, 3, scan.stderr)
            self.assertEqual(printed(scan.stdout)[0], f"ringfence audit {package}")


if __name__ == "__main__":
    unittest.main()
