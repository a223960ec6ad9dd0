"""Input that is missing, broken, huge or unreadable: a clear error or a listed failure with the right exit code, no crash."""

import json
import os
import pathlib
import tempfile
import unittest
import unittest.mock

import support

CLEAN, USAGE, INCOMPLETE = 0, 2, 3


class BadInputTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve() / "tree"
        self.root.mkdir()

    def write(self, name, content=""):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def database(self, *files, arguments=("cc", "-c")):
        self.write("compile_commands.json", json.dumps(
            [{"directory": str(self.root), "file": file, "arguments": [*arguments, file]} for file in files]))

    def scan(self, *arguments, path=None, expect):
        done = support.run("scan", path or self.root, *arguments)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done

    def report(self, expect):
        """The JSON report, which a listed failure still prints."""
        return json.loads(self.scan("--format", "json", expect=expect).stdout)

    def assert_error(self, done, *parts):
        self.assertEqual(done.stdout, "")
        for part in parts:
            self.assertIn(part, done.stderr)

    def statuses(self, report):
        return {unit["file"]: unit["status"] for unit in report["units"]}

    # Paths and trees

    def test_missing_path(self):
        self.assert_error(self.scan(path=self.root / "none", expect=USAGE), "no such file or folder", "none")

    def test_empty_tree(self):
        self.assert_error(self.scan(expect=USAGE), "no C or C++ source files")

    def test_a_path_that_is_no_source(self):
        self.assert_error(self.scan(path=self.write("a.txt"), expect=USAGE), "no C or C++ source file")

    def test_a_pipe_as_path(self):
        os.mkfifo(self.root / "pipe")
        self.assert_error(self.scan(path=self.root / "pipe", expect=USAGE), "neither a file nor a folder")

    def test_a_pipe_as_source_does_not_stall(self):
        os.mkfifo(self.root / "pipe.c")
        self.write("a.c", "int a;\n")
        self.assertEqual(self.statuses(self.report(INCOMPLETE))["pipe.c"], "failed")

    def test_a_pipe_as_header_does_not_stall(self):
        os.mkfifo(self.root / "pipe.h")
        self.write("a.c", '#include "pipe.h"\nint a;\n')
        self.assertNotEqual(self.statuses(self.report(INCOMPLETE))["a.c"], "complete")

    def test_an_endless_device_as_header(self):
        self.write("a.c", '#include "/dev/zero"\nint a;\n')
        self.assertNotEqual(self.statuses(self.report(INCOMPLETE))["a.c"], "complete")

    def test_symlink_loops(self):
        self.write("sub/a.c", "int a;\n")
        (self.root / "sub/up").symlink_to("..")
        (self.root / "self").symlink_to("self")
        (self.root / "self.c").symlink_to("self.c")
        report = self.report(INCOMPLETE)
        self.assertEqual(self.statuses(report), {"self.c": "failed", "sub/a.c": "complete"})

    def test_a_file_that_includes_itself(self):
        self.write("a.c", '#include "a.c"\nint a;\n')
        self.assertEqual(self.statuses(self.report(INCOMPLETE)), {"a.c": "partial"})

    def test_unreadable_folder_and_file(self):
        if os.geteuid() == 0:
            self.skipTest("root reads everything; see test_unreadable_for_another_user")
        self.write("a.c", "int a;\n")
        (self.write("secret/b.c").parent).chmod(0)
        self.write("closed.c").chmod(0)
        self.addCleanup((self.root / "secret").chmod, 0o700)
        report = self.report(INCOMPLETE)
        self.assertEqual(self.statuses(report), {"a.c": "complete", "closed.c": "failed"})
        self.assertIn("secret/", report["accounting"]["uncovered"])

    def test_unreadable_for_another_user(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become another user")
        self.write("a.c", "int a;\n")
        self.write("closed.c").chmod(0)
        self.write("secret/b.c").parent.chmod(0)
        self.root.parent.chmod(0o755)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.setgid(65534)
                os.setuid(65534)
                done = support.run("scan", self.root, "--format", "json", cwd="/")
                report = json.loads(done.stdout)
                right = (done.returncode == INCOMPLETE and "secret/" in report["accounting"]["uncovered"]
                         and self.statuses(report) == {"a.c": "complete", "closed.c": "failed"})
                code = 0 if right else 2
            except PermissionError:
                code = 77  # the program itself lies where nobody else may go
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == 77:
            self.skipTest("another user cannot run the program where it lies")
        self.assertEqual(code, 0)

    # Databases

    def test_broken_json_says_where(self):
        self.write("a.c")
        self.write("compile_commands.json", '[\n  {"directory": "/", "file" }\n]')
        self.assert_error(self.scan(expect=USAGE), "compile_commands.json: line 2, column")

    def test_a_database_of_other_things(self):
        self.write("a.c")
        for text in ("", "{}", "[1]", '[{"file": "a.c"}]', '[{"directory": "/", "file": "a.c"}]', "[" * 100000, "\x00\xff" * 50):
            with self.subTest(text=text[:40]):
                self.write("compile_commands.json", text)
                self.assert_error(self.scan(expect=USAGE), "compile_commands.json")

    def test_a_database_whose_files_are_gone(self):
        self.database("gone.c", "gone too.c")
        report = self.report(INCOMPLETE)
        self.assertEqual(self.statuses(report), {"gone.c": "failed", "gone too.c": "failed"})
        self.assertEqual(report["objects"], [])

    def test_a_working_folder_that_is_gone(self):
        self.write("a.c", "int a;\n")
        self.write("compile_commands.json", json.dumps(
            [{"directory": str(self.root / "gone"), "file": str(self.root / "a.c"), "arguments": ["cc", str(self.root / "a.c")]}]))
        self.assertIn(support.run("scan", self.root).returncode, (CLEAN, INCOMPLETE))

    def test_a_database_that_was_named_and_is_missing(self):
        self.write("a.c")
        self.assert_error(self.scan("-p", self.root / "none", expect=USAGE), "no compile database")

    # Sources

    def test_syntax_errors_leave_what_could_be_read(self):
        self.write("a.c", "int before;\nint broken = ;\nint after;\n}}} @@@ \nint last;\n")
        report = self.report(INCOMPLETE)
        self.assertEqual(self.statuses(report), {"a.c": "partial"})
        self.assertLessEqual({"a.c:before", "a.c:after"}, {entry["id"] for entry in report["objects"]})

    def test_names_and_contents_that_are_not_utf8(self):
        name = b"n\xe9\xff.c"
        with open(os.path.join(os.fsencode(self.root), name), "wb") as out:
            out.write(b'/* \xff\xfe */ static const char *s = "\xe9\xff";\nint \xc3\xa9t\xc3\xa9;\n')
        for output in ("text", "json", "tsv", "sarif", "markdown", "junit", "github"):
            with self.subTest(format=output):
                self.scan("--format", output, expect=CLEAN)
        done = support.run("scan", self.root, "--format", "json")
        self.assertEqual(len(json.loads(done.stdout)["units"]), 1)

    def test_control_characters_in_names_do_not_reach_the_terminal(self):
        self.write("a\x1b[2J.c", "int broken = ;\nint v;\n")
        done = self.scan("--color", "never", expect=INCOMPLETE)
        self.assertNotIn("\x1b", done.stdout + done.stderr)

    def test_an_empty_file_and_null_bytes(self):
        self.write("empty.c")
        self.write("null.c", b"int a;\0\0int b;\n\0")
        self.assertEqual(self.statuses(json.loads(support.run("scan", self.root, "--format", "json").stdout))["empty.c"], "complete")

    def test_a_file_of_100000_lines(self):
        self.write("a.c", "".join(f"int v{i};\n" for i in range(100_000)))
        done = support.run("scan", self.root, "--format", "tsv")
        self.assertEqual(done.returncode, CLEAN, done.stderr[-2000:])
        self.assertGreaterEqual(done.stdout.count("\n"), 100_000)

    def test_a_line_of_10_megabytes(self):
        self.write("a.c", "const char text[] = \"" + "x" * 10_000_000 + "\"; int after;\n")
        done = self.scan("--format", "json", expect=CLEAN)
        self.assertIn("a.c:after", [entry["id"] for entry in json.loads(done.stdout)["objects"]])

    def test_deep_nesting_is_no_crash(self):
        self.write("a.c", "int a = " + "(" * 200_000 + "1" + ")" * 200_000 + ";\nint b;\n")
        self.write("b.c", "void f(void) " + "{" * 100_000 + "}" * 100_000 + "\nint c;\n")
        # What an abandoned parse held is lost for good: no matter for LeakSanitizer.
        with unittest.mock.patch.dict(os.environ, ASAN_OPTIONS="detect_leaks=0"):
            self.assertEqual(set(self.statuses(self.report(INCOMPLETE))), {"a.c", "b.c"})

    # Outputs

    def test_worlds_that_cannot_be_read(self):
        self.write("a.c", "int a;\n")
        self.assert_error(self.scan("--world", "macos", expect=USAGE), "macos cannot be read here", "listed by name")
        self.assert_error(self.scan("--world", "solaris", expect=USAGE), "expects a Python", "solaris")

    def test_outputs_that_cannot_be_written(self):
        self.write("a.c", "int a;\n")
        for output in ("/dev/full", self.root / "none/out", self.root):
            with self.subTest(output=output):
                self.assert_error(self.scan("--format", "json", "-o", output, expect=USAGE), "cannot write")
        self.assertEqual(sorted(os.listdir(self.root)), ["a.c"])

    def test_a_full_standard_output(self):
        self.write("a.c", "int a;\n")
        status = os.system(f"'{support.ringfence()}' scan '{self.root}' --quiet >/dev/full 2>/dev/null")
        self.assertEqual(os.waitstatus_to_exitcode(status), USAGE)

    def test_a_scan_writes_nothing_beside_its_output(self):
        self.write("a.c", "int a;\n")
        before = sorted(os.listdir(self.root))
        self.scan(expect=CLEAN)
        self.assertEqual(sorted(os.listdir(self.root)), before)


if __name__ == "__main__":
    unittest.main()
