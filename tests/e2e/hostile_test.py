"""A hostile compile database: nothing in it loads code, runs a program or writes a file."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import support

# A shared object that leaves a mark where it is loaded.
EVIL = """
#include <stdio.h>
__attribute__((constructor)) static void loaded(void) { fclose(fopen("%s/loaded", "w")); }
"""


class HostileDatabaseTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.outside = pathlib.Path(folder.name).resolve()
        self.root = self.outside / "tree"
        self.root.mkdir()
        (self.root / "a.c").write_text("int a;\n")
        (self.outside / "evil.c").write_text(EVIL % self.outside)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.outside / "evil.so", self.outside / "evil.c"], check=True)
        script = self.outside / "evil.sh"
        script.write_text(f"#!/bin/sh\ntouch {self.outside}/ran\n")
        script.chmod(0o755)
        for name in ("cc1", "as", "ld", "clang", "gcc"):
            (self.outside / name).symlink_to("evil.sh")
        (self.outside / "evil.specs").write_text(f"*cc1:\n{script}\n")
        (self.outside / "evil.cfg").write_text(f"-fplugin={self.outside}/evil.so\n")
        (self.root / "loop.rsp").write_text("@loop.rsp -DLOOP @other.rsp")
        (self.root / "other.rsp").write_text(f"@loop.rsp -fplugin={self.outside}/evil.so")

    def files(self):
        return sorted(str(path.relative_to(self.outside)) for path in self.outside.rglob("*"))

    def scan(self, *arguments, compiler="cc", env=None, directory=None):
        (self.root / "compile_commands.json").write_text(json.dumps([{
            "directory": str(directory or self.root), "file": str(self.root / "a.c"),
            "arguments": [compiler, *map(str, arguments), str(self.root / "a.c")]}]))
        before = self.files()
        done = subprocess.run([support.ringfence(), "scan", self.root, "--format", "json"], capture_output=True, text=True,
                              cwd=self.outside, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, timeout=120, check=False)
        self.assertEqual(self.files(), before, "something was loaded, run or written")
        return done

    def assert_harmless(self, *arguments, **more):
        done = self.scan(*arguments, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual([unit["status"] for unit in report["units"]], ["complete"])
        self.assertEqual([entry["id"] for entry in report["objects"]], ["a.c:a"])
        return done

    def test_the_shared_object_of_this_test_would_leave_a_mark(self):
        subprocess.run(["python3", "-c", f"import ctypes; ctypes.CDLL('{self.outside}/evil.so')"], check=True)
        self.assertTrue((self.outside / "loaded").exists())

    def test_options_that_load_code(self):
        plugin = self.outside / "evil.so"
        for arguments in ([f"-fplugin={plugin}"], ["-fplugin", plugin], [f"-fpass-plugin={plugin}"], ["-Xclang", "-load", "-Xclang", plugin],
                          ["-load", plugin], ["-mllvm", f"-load={plugin}"], ["-Xclang", "-add-plugin", "-Xclang", "evil"],
                          [f"-Wp,-fplugin={plugin}"], ["-cc1", "-load", plugin], [f"-Xclang=-load={plugin}"], ["-Xpreprocessor", f"-fplugin={plugin}"]):
            with self.subTest(arguments=arguments):
                self.assert_harmless(*arguments)

    def test_options_that_run_programs(self):
        script = self.outside / "evil.sh"
        for arguments in (["-wrapper", f"{script},x"], [f"-specs={self.outside}/evil.specs"], [f"--specs={self.outside}/evil.specs"],
                          ["-B", self.outside], [f"-B{self.outside}/"], [f"-fuse-ld={script}"], ["-no-integrated-cpp", "-B", self.outside],
                          ["--config", self.outside / "evil.cfg"], [f"--config={self.outside}/evil.cfg"], [f"-ccc-install-dir", self.outside],
                          ["-fno-integrated-as"]):
            with self.subTest(arguments=arguments):
                self.assert_harmless(*arguments)

    def test_compilers_that_are_programs_of_the_tree(self):
        for compiler in (self.outside / "evil.sh", self.outside / "clang", f"sh -c 'touch {self.outside}/ran'"):
            with self.subTest(compiler=compiler):
                self.assert_harmless(compiler=str(compiler))

    def test_options_that_write_files(self):
        out = self.outside / "written"
        for arguments in (["-o", out], [f"-o{out}"], ["-MD", "-MF", out], ["-MMD", f"-MF{out}"], [f"-Wp,-MD,{out}"], ["-save-temps"],
                          ["-save-temps=obj"], ["--save-temps"], ["-MJ", out], ["--serialize-diagnostics", out], ["-dependency-file", out],
                          [f"-ftime-trace={out}", "-ftime-trace"], ["-fmodules", f"-fmodules-cache-path={out}"],
                          [f"-fcrash-diagnostics-dir={out}"], [f"-fprofile-instr-generate={out}"], ["-Xclang", "-o", "-Xclang", out],
                          [f"-foptimization-record-file={out}"], [f"-fproc-stat-report={out}"], ["-Xclang", "-emit-pch", "-o", out],
                          ["-gsplit-dwarf"], ["--coverage"], ["-aux-info", out], ["-working-directory", self.outside], ["-dumpdir", out]):
            with self.subTest(arguments=arguments):
                self.assert_harmless(*arguments)

    def test_response_files_that_loop_or_hide_options(self):
        done = self.assert_harmless("@loop.rsp")
        self.assertIn("loop.rsp", done.stderr)
        self.assert_harmless("@/dev/zero")
        os.mkfifo(self.outside / "pipe")
        self.assert_harmless(f"@{self.outside}/pipe")
        self.assert_harmless("@" + "x" * 10000)

    def test_shell_commands_are_not_run(self):
        for command in (f"cc -c a.c; touch {self.outside}/ran", f"cc $(touch {self.outside}/ran) a.c", f"cc `touch {self.outside}/ran` a.c",
                        f"cc a.c > {self.outside}/written", f"cc a.c | tee {self.outside}/written"):
            with self.subTest(command=command):
                (self.root / "compile_commands.json").write_text(json.dumps(
                    [{"directory": str(self.root), "file": "a.c", "command": command}]))
                before = self.files()
                done = support.run("scan", self.root, cwd=self.outside)
                self.assertIn(done.returncode, (0, 3), done.stderr)
                self.assertEqual(self.files(), before)

    def test_a_refused_option_is_said(self):
        self.assertIn("refused -fplugin=", self.assert_harmless(f"-fplugin={self.outside}/evil.so").stderr)

    def test_endless_includes_on_the_command_line(self):
        os.mkfifo(self.outside / "pipe.h")
        for arguments in (["-include", "/dev/zero"], ["-include", self.outside / "pipe.h"], ["-imacros", "/dev/zero"]):
            with self.subTest(arguments=arguments):
                self.assertIn(self.scan(*arguments).returncode, (0, 3))

    def test_environment_variables_of_compilers_write_nothing(self):
        out = self.outside / "written"
        self.assert_harmless(env={"DEPENDENCIES_OUTPUT": str(out), "SUNPRO_DEPENDENCIES": str(out), "CCC_OVERRIDE_OPTIONS": f"+-o{out}",
                                  "CC_PRINT_OPTIONS": "1", "CC_PRINT_OPTIONS_FILE": str(out), "CLANG_CRASH_DIAGNOSTICS_DIR": str(out)})

    def test_nothing_of_the_tree_is_executed_without_a_database(self):
        for name in ("setup.py", "configure", "python3", "conftest.py", "sysconfig.py", "json.py", "pyproject.toml", "sitecustomize.py"):
            path = self.root / name
            path.write_text(f"#!/bin/sh\ntouch {self.outside}/ran\n" if name in ("configure", "python3") else
                            f"open('{self.outside}/ran', 'w')\n")
            path.chmod(0o755)
        before = self.files()
        for path in (f"{self.root}:{os.environ['PATH']}", f".:{os.environ['PATH']}"):
            done = subprocess.run([support.ringfence(), "scan", "."], cwd=self.root, capture_output=True, text=True,
                                  env={**os.environ, "PATH": path, "PYTHONPATH": str(self.root)}, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.files(), before)


if __name__ == "__main__":
    unittest.main()
