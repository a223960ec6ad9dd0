"""`ringfence capture`: real builds with make and setuptools, in parallel, through launchers and response files."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import support


class CaptureTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()

    def write(self, name, text=""):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def capture(self, *command, env=None):
        return subprocess.run([support.ringfence(), "capture", "--", *command], cwd=self.root, capture_output=True, text=True,
                              env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, timeout=300, check=False)

    def database(self):
        """The entries as (file, arguments without the compiler), sorted."""
        entries = json.loads((self.root / "compile_commands.json").read_text())
        return sorted((entry["file"], entry["arguments"][1:]) for entry in entries)

    def test_make_in_parallel_with_quotes_spaces_and_several_inputs(self):
        self.write("a.c", "int a = A;\n")
        self.write("b.c", "int b = A;\n")
        self.write("s p/c d.c", "const char *c = S; int main(void) { return 0; }\n")
        self.write("e.cc", "int e = E;\n")
        self.write("args.rsp", "-DE=3 '-DQ=x y'")
        self.write("Makefile", "all: ab c e\n"
                               "ab: ; $(CC) -DA=1 -c a.c b.c\n"
                               "c: ; $(CC) '-DS=\"q \\'$$x\"' \"s p/c d.c\" -o prog\n".replace("\\'", "") +
                               "e: ; g++ @args.rsp -c e.cc; $(CC) -E a.c -DA=2 > /dev/null\n")
        done = self.capture("make", "-j4")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("recorded 4 compile commands", done.stderr)
        self.assertEqual(self.database(), [
            ("a.c", ["-DA=1", "-c", "a.c"]),
            ("b.c", ["-DA=1", "-c", "b.c"]),
            ("e.cc", ["-DE=3", "-DQ=x y", "-c", "e.cc"]),
            ("s p/c d.c", ['-DS="q $x"', "s p/c d.c", "-o", "prog"]),
        ])

    def test_many_parallel_commands_are_all_recorded(self):
        for i in range(60):
            self.write(f"f{i}.c", f"int f{i};\n")
        self.write("Makefile", "all: $(patsubst %.c,%.o,$(wildcard *.c))\n")
        self.assertEqual(self.capture("make", "-j8").returncode, 0)
        self.assertEqual(len(self.database()), 60)

    def test_the_exit_code_of_the_build_is_passed_on(self):
        self.write("a.c", "int a;\n")
        done = self.capture("sh", "-c", "cc -c a.c; cc -c missing.c 2>/dev/null; exit 7")
        self.assertEqual(done.returncode, 7)
        self.assertEqual(self.database(), [("a.c", ["-c", "a.c"])])
        done = self.capture("sh", "-c", "kill -TERM $$")
        self.assertEqual(done.returncode, 128 + 15)
        self.assertIn("the build was ended by signal 15, before it compiled anything", done.stderr)

    def test_a_build_that_fails_is_said_to_fail_after_its_own_words(self):
        self.write("a.c", "int a;\n")
        done = self.capture("sh", "-c", "cc -c a.c; echo no rule for b.o >&2; exit 2")
        lines = done.stderr.splitlines()
        self.assertEqual(lines[0], "no rule for b.o")
        self.assertIn("recorded 1 compile command", lines[1])
        self.assertIn("the build failed (exit code 2), as its last lines above say: what it would have compiled after that is "
                      "not in the record", lines[2])
        (self.root / "compile_commands.json").unlink()
        done = self.capture("sh", "-c", "echo no network; exit 1")
        self.assertIn("the build failed (exit code 1), as its last lines above say, before it compiled anything", done.stderr)
        self.assertNotIn("absolute path", done.stderr)
        self.assertEqual(done.returncode, 1)
        self.assertFalse((self.root / "compile_commands.json").exists())

    def test_a_build_that_compiles_nothing_keeps_the_old_database(self):
        self.write("compile_commands.json", "old")
        done = self.capture("true")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no compile command was recorded", done.stderr)
        self.assertIn("ringfence capture -- python3 -m pip wheel . --no-build-isolation", done.stderr)
        self.assertEqual((self.root / "compile_commands.json").read_text(), "old")

    def test_errors_before_the_build(self):
        self.assertEqual(self.capture("no-such-program-at-all").returncode, 2)
        done = subprocess.run([support.ringfence(), "capture", "-o", self.root / "none" / "x", "--", "touch", self.root / "ran"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("No such file", done.stderr)
        self.assertFalse((self.root / "ran").exists(), "the build ran in vain")

    def test_an_absolute_compiler_in_cc_with_arguments(self):
        self.write("a.c", "int a;\n")
        done = self.capture("sh", "-c", "$CC -c a.c", env={"CC": f"{shutil.which('gcc')} -pthread"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.database(), [("a.c", ["-pthread", "-c", "a.c"])])

    @unittest.skipUnless(shutil.which("ccache"), "ccache is not installed")
    def test_through_ccache_even_where_the_cache_has_the_result(self):
        self.write("a.c", "int a;\n")
        for _ in range(2):
            done = self.capture("sh", "-c", "ccache gcc -c a.c", env={"CCACHE_DIR": str(self.root / "cache"), "CC": "ccache gcc"})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.database(), [("a.c", ["gcc", "-c", "a.c"])])

    def test_the_build_makes_what_it_makes_without_capture(self):
        self.write("a.c", "int main(void) { return 3; }\n")
        self.assertEqual(self.capture("cc", "a.c", "-o", "prog").returncode, 0)
        self.assertEqual(subprocess.run([self.root / "prog"], check=False).returncode, 3)

    def test_builds_that_clear_the_environment_or_choose_argv_0(self):
        self.write("a.c", "int a;\n")
        for command in (["sh", "-c", 'env -i PATH="$PATH" gcc -c a.c'], ["bash", "-c", "exec -a foo gcc -c a.c"],
                        ["python3", "-c", "import os, subprocess, sys\n"
                         "sys.exit(subprocess.run(['gcc', '-c', 'a.c'], env={'PATH': os.environ['PATH']}).returncode)"]):
            with self.subTest(command=command):
                (self.root / "a.o").unlink(missing_ok=True)
                done = self.capture(*command)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue((self.root / "a.o").exists())
                self.assertEqual(self.database(), [("a.c", ["-c", "a.c"])])

    def test_a_closed_pipe_ends_a_program_of_the_build_as_without_capture(self):
        self.write("a.c", "int a;\n")
        done = self.capture("bash", "-c", "gcc -c a.c; yes | head -1 >/dev/null; exit ${PIPESTATUS[0]}")
        self.assertEqual((done.returncode, "Broken pipe" in done.stderr), (128 + signal.SIGPIPE, False), done.stderr)

    def test_a_capture_that_is_ended_or_killed_leaves_nothing(self):
        temporary = self.root / "tmp"
        temporary.mkdir()
        self.write("a.c", "int a;\n")
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            build = subprocess.Popen([support.ringfence(), "capture", "--", "sh", "-c", "gcc -c a.c; touch ready; exec sleep 20"],
                                     cwd=self.root, env={**os.environ, "TMPDIR": str(temporary)}, stderr=subprocess.DEVNULL,
                                     start_new_session=True)
            while not (self.root / "ready").exists():
                time.sleep(0.05)
            (self.root / "ready").unlink()
            [folder] = temporary.iterdir()
            self.assertEqual(self.capture("true", env={"TMPDIR": str(temporary)}).returncode, 2)
            self.assertTrue(folder.exists(), "a capture that goes on keeps its folder")
            build.send_signal(number)
            self.assertEqual(build.wait(timeout=10), -9 if number == signal.SIGKILL else 128 + number)
            if number == signal.SIGKILL:
                os.killpg(build.pid, signal.SIGKILL)  # the build that it has left behind
                os.utime(folder / ".log", (0, 0))
                self.capture("true", env={"TMPDIR": str(temporary)})
            self.assertEqual(list(temporary.iterdir()), [])
            self.assertEqual(self.database(), [("a.c", ["-c", "a.c"])])

    def test_the_temporary_folder_is_removed(self):
        self.write("a.c", "int a;\n")
        (self.root / "tmp").mkdir()
        self.assertEqual(self.capture("cc", "-c", "a.c", env={"TMPDIR": str(self.root / "tmp")}).returncode, 0)
        self.assertEqual(os.listdir(self.root / "tmp"), [])

    def test_setuptools_and_the_scan_of_what_was_recorded(self):
        python = next((path for path in ("/usr/bin/python3", shutil.which("python3")) if path and subprocess.run(
            [path, "-c", "import setuptools"], capture_output=True, check=False).returncode == 0), None)
        if python is None:
            self.skipTest("setuptools is not installed")
        self.write("ext/m.c", "#include <Python.h>\nstatic PyObject *cache;\n"
                              "PyObject *get(void) { return NAME ? cache : NULL; }\n")
        self.write("setup.py", "from setuptools import Extension, setup\n"
                               "setup(name='m', ext_modules=[Extension('m', ['ext/m.c'], define_macros=[('NAME', '\"a b\"')])])\n")
        done = self.capture(python, "setup.py", "build_ext", "--inplace")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([file for file, _ in self.database()], ["ext/m.c"])
        scanned = support.run("scan", self.root, "--format", "json")
        self.assertEqual(scanned.returncode, 0, scanned.stderr)
        report = json.loads(scanned.stdout)
        self.assertEqual([unit["status"] for unit in report["units"]], ["complete"])
        self.assertIn("ext/m.c:cache", [entry["id"] for entry in report["objects"]])

    def test_meson_compile(self):
        if not shutil.which("meson"):
            self.skipTest("meson is not installed")
        self.write("m.c", "int main(void) { return NAME[0]; }\n")
        self.write("meson.build", "project('m', 'c')\nexecutable('m', 'm.c', c_args: ['-DNAME=\"a b\"'])\n")
        subprocess.run(["meson", "setup", "out"], cwd=self.root, capture_output=True, check=True)
        done = self.capture("meson", "compile", "-C", "out")
        self.assertEqual(done.returncode, 0, done.stderr)
        [(file, arguments)] = self.database()
        self.assertEqual(pathlib.Path(self.root / "out" / file).resolve(), self.root / "m.c")
        self.assertIn('-DNAME="a b"', arguments)


if __name__ == "__main__":
    unittest.main()
