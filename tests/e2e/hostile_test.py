"""Hostile trees: nothing of them is run or written, and one bad unit costs one unit."""

import json
import os
import pathlib
import re
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
        for arguments in (["-wrapper", f"{script},x"], ["-B", self.outside], [f"-B{self.outside}/"], [f"-fuse-ld={script}"], ["-no-integrated-cpp", "-B", self.outside],
                          ["-ccc-install-dir", self.outside],
                          ["-fno-integrated-as"]):
            with self.subTest(arguments=arguments):
                self.assert_harmless(*arguments)

    def assert_named(self, *arguments):
        """The unit is not complete and says why; what else there is of it is read."""
        done = self.scan(*arguments)
        self.assertEqual(done.returncode, 3, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual([unit["status"] for unit in report["units"]], ["partial"])
        self.assertIn(" ".join(map(str, arguments)), report["units"][0]["diagnostics"][0]["message"])
        self.assertEqual([entry["id"] for entry in report["objects"]], ["a.c:a"])
        return done

    def test_options_that_name_more_options_are_named(self):
        for arguments in ([f"-specs={self.outside}/evil.specs"], [f"--specs={self.outside}/evil.specs"], ["-specs", self.outside / "evil.specs"],
                          ["--config", self.outside / "evil.cfg"], [f"--config={self.outside}/evil.cfg"], ["-working-directory", self.outside]):
            with self.subTest(arguments=arguments):
                self.assert_named(*arguments)

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
                          ["-gsplit-dwarf"], ["--coverage"], ["-aux-info", out], ["-dumpdir", out]):
            with self.subTest(arguments=arguments):
                self.assert_harmless(*arguments)

    def test_response_files_that_loop_or_hide_options(self):
        os.mkfifo(self.outside / "pipe")
        self.assertIn("left out response file", self.assert_named("@loop.rsp").stderr)
        for name in ("/dev/zero", self.outside / "pipe", "x" * 10000):
            with self.subTest(name=str(name)[:20]):
                self.assert_named(f"@{name}")

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
                            '[build-system]\nbuild-backend = "conftest"\nbackend-path = ["."]\n' if name == "pyproject.toml" else
                            f"open('{self.outside}/ran', 'w')\n")
            path.chmod(0o755)
        before = self.files()
        for path in (f"{self.root}:{os.environ['PATH']}", f".:{os.environ['PATH']}"):
            done = subprocess.run([support.ringfence(), "scan", "."], cwd=self.root, capture_output=True, text=True,
                                  env={**os.environ, "PATH": path, "PYTHONPATH": str(self.root)}, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.files(), before)


DOUBLING = "#define A0 (1+1)\n" + "".join(f"#define A{i} (A{i - 1}+A{i - 1})\n" for i in range(1, 40))
BOMBS = {  # files that need more time or memory than there is, and the limit that they meet
    "if.c": (DOUBLING + "#if A39\nint x;\n#endif\n", "--unit-timeout"),
    "memory.c": ("static int a[2000000000] = {[1999999999] = 1};\n", "--unit-memory"),
    "constexpr.cc": ("constexpr int f(int k) { long i = 0; while (i < 1000000) ++i; return k; }\n" +
                     "".join(f"static int z{i} = f({i});\n" for i in range(500)), "--unit-timeout"),
    "pragma.c": ("#pragma clang __debug overflow_stack\nint x;\n", ""),
    "exit.c": ("#pragma clang __debug llvm_fatal_error\nint x;\n", ""),
}


class LimitsTest(unittest.TestCase):
    """A unit over its limits is one failed unit; all others are reported."""

    LIMITS = ("--no-cache", "--unit-timeout", "1", "--unit-memory", "200")

    def tree(self, files):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name).resolve()
        for name, text in files.items():
            (root / name).write_text(text)
        return root

    def assert_one_failed(self, done, failed, complete, limits):
        self.assertEqual(done.returncode, 3, done.stderr)
        report = json.loads(done.stdout)
        status = {unit["file"]: unit["status"] for unit in report["units"]}
        self.assertEqual(status, {**dict.fromkeys(failed, "failed"), **dict.fromkeys(complete, "complete")})
        said = {unit["file"]: unit["diagnostics"][0]["message"] for unit in report["units"] if unit["diagnostics"]}
        for name, limit in zip(failed, limits):
            self.assertIn(limit, said[name])
        self.assertEqual({entry["id"] for entry in report["objects"]}, {f"{name}:kept" for name in complete})

    def test_each_bomb_costs_one_unit(self):
        root = self.tree({**{name: text for name, (text, _) in BOMBS.items()}, "good.c": "int kept;\n"})
        for more in ((), ("--no-shared-parse", "-j1")):
            with self.subTest(more=more):
                done = support.run("scan", root, "--format", "json", *self.LIMITS, *more, timeout=60)
                self.assert_one_failed(done, list(BOMBS), ["good.c"], [limit for _, limit in BOMBS.values()])

    def test_siblings_of_a_shared_parse_go_on(self):
        begin = '#include <stddef.h>\n#include "all.h"\n'
        root = self.tree({"all.h": DOUBLING, "bad.c": begin + "#if A39\n#endif\n",
                          **{f"good{i}.c": begin + "static int kept;\n" for i in range(6)}})
        done = support.run("scan", root, "--format", "json", *self.LIMITS, timeout=60)
        self.assert_one_failed(done, ["bad.c"], [f"good{i}.c" for i in range(6)], ["--unit-timeout"])

    def test_a_header_over_the_limit_is_read_once_for_all_that_share_it(self):
        root = self.tree({"bad.h": DOUBLING + "#if A39\n#endif\n", "good.c": "int kept;\n",
                          **{f"bad{i}.c": '#include "bad.h"\nint x;\n' for i in range(20)}})
        done = support.run("scan", root, "--format", "json", "-j1", *self.LIMITS, timeout=15)  # seconds, not 20
        self.assert_one_failed(done, [f"bad{i}.c" for i in range(20)], ["good.c"], ["--unit-timeout"] * 20)

    def test_facts_of_a_unit_over_its_limit_are_written_and_merged(self):
        root = self.tree({"bad.c": BOMBS["if.c"][0], "good.c": "int kept;\n"})
        facts = root / "all.facts"
        done = support.run("extract", root, "-o", facts, *self.LIMITS, "--depfile", root / "d", timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("bad.c", (root / "d").read_text())
        self.assert_one_failed(support.run("merge", facts, "--format", "json"), ["bad.c"], ["good.c"], ["--unit-timeout"])

    def test_ninja_files_keep_the_limits(self):
        root = self.tree({"good.c": "int kept;\n"})
        support.run("extract", root, "--ninja", root / "build.ninja", *self.LIMITS)
        self.assertIn("--unit-timeout 1 --unit-memory 200", (root / "build.ninja").read_text())

    def test_a_tree_cannot_lift_the_steps_of_a_constant_expression(self):
        root = self.tree({"a.cc": "constexpr int f() { long i = 0; while (1) ++i; return i; }\nstatic constexpr int z = f();\nint kept;\n"})
        (root / "compile_commands.json").write_text(json.dumps([{
            "directory": str(root), "file": "a.cc",
            "arguments": ["c++", "-fconstexpr-steps=4294967295", "-ftemplate-depth=4294967295", "-fconstexpr-depth=4294967295",
                          "-fbracket-depth=4294967295", "-c", "a.cc"]}]))
        done = support.run("scan", root, "--format", "json", "--no-cache", timeout=60)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual([unit["status"] for unit in json.loads(done.stdout)["units"]], ["partial"])


class CutShortTest(unittest.TestCase):
    """Nothing cut short, doubled or damaged passes, and what is refused is refused in words."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        (self.folder / "src").mkdir()
        for name in "mn":
            (self.folder / f"src/{name}.c").write_text(f"static int {name};\nint next_{name}(void) {{ return ++{name}; }}\n")

    def assert_refused(self, *arguments, says=""):
        done = support.run(*arguments, cwd=self.folder, timeout=20)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertIn(says, done.stderr)
        self.assertNotRegex(done.stderr, "json.exception|internal error|std::")

    def test_facts(self):
        self.assertEqual(support.run("extract", "src", "-o", "all.facts", cwd=self.folder).returncode, 0)
        content = (self.folder / "all.facts").read_bytes()
        at = content.index(b"\n", content.index(b"\n") + 1) + 1  # the version and the digest
        head, ends = content[:at], []
        while at < len(content):
            line = content.index(b"\n", at)
            at = line + 1 + int(content[at:line])
            ends.append(at)
        self.assertEqual(len(ends), 3)  # the header and two units
        first, second = content[ends[0]:ends[1]], content[ends[1]:]
        begin = content[:ends[0]]
        flipped = bytearray(content)
        flipped[ends[1] - 20] ^= 1
        for damaged in (begin, begin + first, begin + second, content + second, begin + second + first, bytes(flipped), head):
            (self.folder / "bad.facts").write_bytes(damaged)
            self.assert_refused("merge", "bad.facts", says="damaged")
        deep = b"\x81" * 300000 + b"\0"
        (self.folder / "bad.facts").write_bytes(head + str(len(deep)).encode() + b"\n" + deep)
        self.assert_refused("merge", "bad.facts")

    def write(self, name, *lines):
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text("".join(line + "\n" for line in lines))
        return name

    def test_what_nests_without_end(self):
        deep = "[" * 300_000 + "]" * 300_000
        head = '{"schema":"ringfence-baseline/1"}'
        too_deep = "nests more than 64 levels deep"
        for lines in ([head, '{"section":' + deep + "}"], [head, deep]):
            self.assert_refused("gate", "--baseline", self.write("b", *lines), "src", says=too_deep)
        self.assert_refused("gate", "--baseline", self.write("b", '{"schema":' + deep + "}"), "src", says="line 1")
        self.assert_refused("diff", self.write("r.json", '{"schema":' + deep + "}"), "r.json", says=too_deep)
        self.assert_refused("scan", "--evidence", self.write("e.json", '{"objects":' + deep + "}"), "src", says=too_deep)
        for name in ("rules/RF103-cached-import.json", "rules/tables/x.json"):
            self.write(name, '{"code":"RF103","when":' + '{"not":' * 300_000 + '"scalar"' + "}" * 300_001)
            self.assert_refused("scan", "--rules", "rules", "src", says=f"{name}: it {too_deep}")
            (self.folder / name).unlink()
        self.write("src/compile_commands.json", deep)
        self.assert_refused("scan", "src", says="compile_commands.json")

    def test_a_hundred_thousand_keys_cost_no_minute(self):
        keys = ",".join(f'"k{i}":1' for i in range(100_000))
        self.write("b", '{"schema":"ringfence-baseline/1"}', '{"section":"debt","subject":"a","reason":"b",' + keys + "}")
        self.assert_refused("gate", "--baseline", "b", "src", says="is not known as a key of a row")
        self.assert_refused("diff", self.write("r.json", '{"schema":"x",' + keys + "}"), "r.json", says="version")

    def test_words_that_are_nearly_right(self):
        row = '{"section":"debt","subject":"a","reason":"b",%s}'
        for field, says in (('"expires":"2027-02-30"', "2027-01-31"), ('"profile":"own_gil"', 'did you mean "own-gil"?'),
                            ('"ower":"me"', 'did you mean "owner"?'), ('"owner":"a","owner":"b"', '"owner" stands twice')):
            self.write("b", '{"schema":"ringfence-baseline/1"}', row % field)
            self.assert_refused("gate", "--baseline", "b", "src", says=says)
        (self.folder / "list.tsv").write_bytes(b"# caf\xe9\nm.c\t-\tcounter\t-\n")
        self.assert_refused("baseline", "import", "list.tsv", says="UTF-8")
        for limit in ("-1", "0", "soon"):
            for option in ("--unit-timeout", "--unit-memory", "-j"):
                self.assert_refused("scan", option, limit, "src", says=option)


class EdgeTest(unittest.TestCase):
    """What lies outside the tree stays there."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.outside = pathlib.Path(folder.name).resolve()
        self.root = self.outside / "tree"
        self.root.mkdir()
        (self.root / "good.c").write_text("int kept;\n")

    def scan(self, *arguments, expect, timeout=60):
        done = support.run("scan", self.root, "--no-cache", "--format", "json", *arguments, timeout=timeout)
        self.assertEqual(done.returncode, expect, done.stderr)
        return json.loads(done.stdout), done

    def test_no_text_of_a_file_outside(self):
        (self.outside / "private").mkdir()
        secret = self.outside / "private/credentials"
        secret.write_text("hunter2 = swordfish;\n")
        (self.root / "linked.c").symlink_to(secret)
        (self.root / "credentials").symlink_to(secret)
        (self.root / "folder").symlink_to(secret.parent)
        (self.root / "linked.h").symlink_to(secret)
        for number, line in enumerate(('#include "credentials"', '#include "linked.h"', '#include "folder/credentials"', f'#include "{secret}"',
                                       '#include "../private/credentials"', f'const char text[] = {{\n#embed "{secret}"\n}};')):
            (self.root / f"u{number}.c").write_text(line + "\nint after;\n")
        (self.root / "compile_commands.json").write_text(json.dumps([
            {"directory": str(self.root), "file": name, "arguments": ["cc", *more, "-c", name]}
            for name, more in [(path.name, []) for path in self.root.glob("*.c")] + [("good.c", ["-include", str(secret)])]]))
        for output in ("json", "text", "html", "sarif"):
            done = support.run("scan", self.root, "--no-cache", "--format", output)
            self.assertEqual(done.returncode, 3, done.stderr)
            for word in ("hunter2", "swordfish"):
                self.assertNotIn(word, done.stdout + done.stderr)
        report, _ = self.scan(expect=3)
        self.assertIn("failed", [unit["status"] for unit in report["units"] if unit["file"] == "linked.c"])

    def test_a_tree_of_links_to_sources_is_read(self):
        (self.outside / "store").mkdir()
        (self.outside / "store/hash-a.c").write_text('#include "a.h"\nint of_link;\n')
        (self.outside / "store/hash-a.h").write_text("extern int of_link;\n")
        for name in ("a.c", "a.h"):
            (self.root / name).symlink_to(self.outside / "store" / f"hash-{name}")
        report, _ = self.scan(expect=0)
        self.assertEqual({entry["id"] for entry in report["objects"]}, {"a.c:of_link", "good.c:kept"})

    def test_a_compile_database_above_the_tree(self):
        database = self.outside / "compile_commands.json"
        database.write_text(json.dumps([{"directory": str(self.root), "file": "good.c", "command": "cc -DMINE -c good.c"}]))
        _, done = self.scan(expect=0)
        self.assertIn(f"compile database: {database}", done.stderr)
        if os.geteuid() != 0:
            self.skipTest("only root can give a file away")
        for path in (database, self.outside):
            os.chown(path, 65534, -1)
            _, done = self.scan(expect=0)
            self.assertIn(f"passed over {database}: it or its folder belongs to another user than the tree", done.stderr)
            os.chown(path, 0, -1)

    def test_a_gigabyte_of_zeros_is_one_failed_unit(self):
        with open(self.root / "zeros.c", "wb") as out:
            out.truncate(1 << 30)
        report, _ = self.scan(expect=3, timeout=20)
        self.assertEqual({unit["file"]: unit["status"] for unit in report["units"]}, {"good.c": "complete", "zeros.c": "failed"})

    def test_a_pipe_in_the_folder_of_git(self):
        subprocess.run(["git", "init", "-q", self.root], check=True)
        for name in ("index", "HEAD", "objects/pack/x.idx"):
            (self.root / ".git" / name).unlink(missing_ok=True)
            os.mkfifo(self.root / ".git" / name)
            done = support.run("scan", self.root, "--changed-since", "HEAD", timeout=20)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(f".git/{name} is a pipe or a device", done.stderr)
            (self.root / ".git" / name).unlink()


class PrintedTest(unittest.TestCase):
    """Nothing of a tree steers a terminal, and what cannot be printed is an error."""

    STEERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

    def tree(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name).resolve()
        (root / "a\u009b31m\u202e\x7f\x1b[2J\u2028.c").write_text(
            "static int counter;\nint g(void) { return ++counter; }\n#error \u009b31m\u202e\x7f\x1b[2J\n")
        (root / "e").write_text('{"schema":"ringfence-baseline/1"}\n')
        return root

    def test_every_format(self):
        root = self.tree()
        commands = [("scan", "--format", each) for each in
                    ("text", "gcc", "json", "tsv", "csv", "html", "sarif", "github", "gitlab", "junit", "markdown")]
        commands += [("gate", "--baseline", root / "e", "--format", each) for each in
                     ("text", "json", "sarif", "github", "gitlab", "junit", "markdown")]
        commands += [("explain", "counter"), ("migrate", "--plan"), ("extract", "--ninja", "/dev/stdout"), ("init", "--dry-run"),
                     ("baseline", "write", "--reason", "x", "-o", "/dev/stdout")]
        for command in commands:
            with self.subTest(command=command):
                done = support.run(*command, "--no-cache", root, timeout=60)
                self.assertTrue(done.stdout)
                found = self.STEERS.search(done.stdout + done.stderr)
                self.assertIsNone(found, found and (done.stdout + done.stderr)[max(0, found.start() - 60):found.end()])

    def test_a_full_disk_and_a_closed_pipe(self):
        root = self.tree()
        for command in (["--help"], ["--version"], ["scan", "--help"], ["rules"], ["explain", "RF103"], ["scan", "-q", root],
                        ["cache", "show", "--cache", root / "none"], ["init", "--dry-run", root]):
            with self.subTest(command=command):
                with open("/dev/full", "w") as full:
                    done = subprocess.run([support.ringfence(), *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn("cannot write standard output", done.stderr)
                reading, writing = os.pipe()
                os.close(reading)
                done = subprocess.run([support.ringfence(), *command], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
                os.close(writing)
                self.assertEqual(done.returncode, 2, done.stderr)


if __name__ == "__main__":
    unittest.main()
