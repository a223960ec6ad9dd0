"""Facts of earlier runs: used where nothing changed, never where something did, whatever happens to the cache."""

import contextlib
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

import support

UNITS = 12


def command_of(process):
    """The command line of a process; empty where it ended."""
    try:
        return pathlib.Path("/proc", process, "cmdline").read_text()
    except OSError:
        return ""


class CacheTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree, self.cache = pathlib.Path(folder.name, "tree"), pathlib.Path(folder.name, "cache")
        self.tree.mkdir()
        self.write("all.h", "#include <stdlib.h>\nstatic int shared;\n")
        self.write("some.h", "static int seldom;\n")
        for i in range(UNITS):
            self.write(f"u{i}.c", '#include "all.h"\n' + '#include "some.h"\n' * (i < 3)
                       + '#if __has_include("extra.h")\nint extra;\n#endif\n'
                       + f"static int calls;\nint f{i}(void) {{ return ++calls + shared; }}\n")

    def write(self, name, text):
        (self.tree / name).write_text(text)

    def scan(self, *arguments):
        """(report, units that needed no parse, warnings)."""
        done = support.run("scan", self.tree, "--format", "json", "--cache", self.cache, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        known = [line.split()[1] for line in done.stderr.splitlines() if "known from an earlier run" in line]
        warnings = [line for line in done.stderr.splitlines() if "warning" in line]
        return done.stdout, int(known[0]) if known else 0, warnings

    def check(self, known):
        """A scan with the cache is as one without, and takes so many units from it."""
        report, reused, warnings = self.scan()
        self.assertEqual(report, self.scan("--no-cache")[0])
        self.assertEqual((reused, warnings), (known, []))

    def test_only_what_changed_is_parsed(self):
        self.check(0)
        self.check(UNITS)
        self.write("u5.c", '#include "all.h"\nint other;\n')
        self.check(UNITS - 1)
        self.write("some.h", "static int seldom, more;\n")
        self.check(UNITS - 3)
        self.write("all.h", "static int shared, more;\n")
        self.check(0)
        self.write("extra.h", "")  # until now it was looked for in vain
        self.check(1)  # u5.c never asked
        self.check(UNITS)

    def test_arguments_and_configurations_are_told_apart(self):
        self.check(0)
        report, reused, _ = self.scan("--config", "debug=-DX")
        self.assertEqual(reused, UNITS)
        self.assertEqual(report, self.scan("--config", "debug=-DX", "--no-cache")[0])
        self.assertEqual(self.scan("--config", "debug=-DX")[1], 2 * UNITS)
        self.assertEqual(self.scan("--config", "debug=-DY")[1], UNITS)

    def test_a_unit_with_errors_is_parsed_again_when_its_header_appears(self):
        self.write("u0.c", '#include "late.h"\nint after;\n')
        self.scan("--allow-incomplete")
        self.write("late.h", "int late;\n")
        report, reused, _ = self.scan()
        self.assertEqual(reused, UNITS - 1)
        self.assertIn("late.h:late", report)

    def test_a_run_that_is_killed_leaves_a_cache_that_is_right(self):
        right = self.scan("--no-cache")[0]
        chance = random.Random(1)
        command = [support.ringfence(), "scan", self.tree, "--format", "json", "--cache", self.cache, "-o", os.devnull]
        for i in range(int(os.environ.get("RINGFENCE_KILLS", "20"))):
            if i % 5 == 0:
                support.run("cache", "clear", "--cache", self.cache)
            with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
                time.sleep(chance.uniform(0, 0.3))
                process.kill()
            self.assertEqual(self.processes_left(), [])
            report, _, warnings = self.scan()
            self.assertEqual((report, warnings), (right, []))

    def processes(self):
        """Those that read the tree."""
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and str(self.tree) in command_of(name)]

    def processes_left(self):
        """Those that outlive two seconds."""
        for _ in range(100):
            left = self.processes()
            if not left:
                break
            time.sleep(0.02)
        return left

    def workers_of(self, process):
        return [other for other in self.processes() if other != process.pid]

    def test_a_process_of_a_shared_parse_that_is_killed_costs_no_unit(self):
        self.write("compile_commands.json", json.dumps(  # so that no Python is asked for its headers
            [{"directory": str(self.tree), "file": f"u{i}.c", "command": f"cc -c u{i}.c"} for i in range(UNITS)]))
        right = self.scan("--no-cache")[0]
        chance = random.Random(2)
        command = [support.ringfence(), "scan", self.tree, "--format", "json", "--no-cache", "--quiet"]
        killed = 0
        for _ in range(30):
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                while not (others := self.workers_of(process)) and process.poll() is None:
                    pass
                time.sleep(chance.uniform(0, 0.1))
                others = self.workers_of(process) or others
                for other in others[:1 + chance.randrange(3)]:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(other, signal.SIGKILL)
                        killed += 1
                report = process.communicate()[0]
            self.assertEqual((process.returncode, report), (0, right))
        self.assertGreater(killed, 0)

    def test_two_runs_at_once(self):
        right = self.scan("--no-cache")[0]
        command = [support.ringfence(), "scan", self.tree, "--format", "json", "--cache", self.cache]
        for _ in range(5):
            runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
            for run in runs:
                report, messages = run.communicate()
                self.assertEqual(report, right)
                self.assertNotIn("warning", messages)
            support.run("cache", "clear", "--cache", self.cache)

    def test_a_cache_that_cannot_be_used_costs_a_warning(self):
        right = self.scan("--no-cache")[0]
        self.cache.write_text("a file")
        report, _, warnings = self.scan()
        self.assertEqual(report, right)
        self.assertIn("cannot make the cache folder", warnings[0])
        self.cache.unlink()
        full = self.tree.parent / "full"  # SQLite cannot write where every write fails
        full.mkdir()
        (full / "facts-1.sqlite").symlink_to("/dev/full")
        self.cache = full
        report, _, warnings = self.scan()
        self.assertEqual(report, right)
        self.assertEqual(len(warnings), 1)

    def test_a_cache_of_another_program_costs_a_warning(self):
        right = self.scan("--no-cache")[0]
        self.cache.mkdir()
        with contextlib.closing(sqlite3.connect(self.cache / "facts-1.sqlite")) as database:
            database.execute("CREATE TABLE unit (key BLOB PRIMARY KEY, other TEXT)")
            database.commit()
        report, _, warnings = self.scan()
        self.assertEqual((report, len(warnings)), (right, 1))

    def test_a_cache_that_may_only_be_read_costs_a_warning(self):
        arguments = ("--python", "/usr/bin/python3")  # another user may find another one
        right = self.scan("--no-cache", *arguments)[0]
        self.scan(*arguments)
        for path in (self.tree.parent, *self.tree.parent.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        command = [support.ringfence(), "scan", self.tree, "--format", "json", "--cache", self.cache, *arguments]
        user = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}  # root may write all the same
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, **user)
        except PermissionError:
            self.skipTest("another user may not run the program here")
        finally:
            for path in (self.tree.parent, *self.tree.parent.rglob("*")):
                path.chmod(0o755 if path.is_dir() else 0o644)
        self.assertEqual((done.returncode, done.stdout), (0, right), done.stderr)
        self.assertLessEqual(done.stderr.count("warning"), 1)

    def test_the_command_shows_verifies_prunes_and_clears(self):
        self.scan()

        def cache(*arguments):
            done = support.run("cache", *arguments, "--cache", self.cache)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout

        self.assertIn(f"{UNITS} units", cache("show"))
        self.assertIn("0 damaged units dropped", cache("verify"))
        self.assertIn(f"{UNITS} units", cache("prune", "--max-size", "1000"))
        self.assertIn(" 0 units", cache("prune", "--max-size", "0"))
        cache("clear")
        self.assertEqual(os.listdir(self.cache), [])


if __name__ == "__main__":
    unittest.main()
