"""`--changed-since`: what a change touches, with the results of a full run."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import support

FILES = {
    "shared.h": "extern int shared;\n",
    "a.c": '#include "shared.h"\nstatic int of_a;\nint f(void) { return ++of_a + shared; }\n',
    "b.c": '#include "shared.h"\nint shared;\nint g(void) { return shared; }\n',
    "c.c": "static int of_c;\nint h(void) { return ++of_c; }\n",
    "README": "text\n",
}


class ChangedSinceTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        for name, text in FILES.items():
            (self.tree / name).write_text(text)
        (self.tree / "empty.baseline").write_text('{"schema":"ringfence-baseline/1"}\n')
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()

    def git(self, *arguments, cwd=None):
        settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
                    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
        subprocess.run(["git", *arguments], cwd=cwd or self.tree, env=os.environ | settings, capture_output=True, check=True)

    def commit(self):
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", "x")

    def edit(self, name, old, new):
        path = self.tree / name
        self.assertIn(old, path.read_text())
        path.write_text(path.read_text().replace(old, new))

    def introduced(self, *arguments):
        done = support.run("gate", "--baseline", "empty.baseline", "--format", "json", *arguments, ".", cwd=self.tree)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return {entry["fingerprint"]: entry for entry in json.loads(done.stdout)["introduced"]}

    def assert_touches(self, subjects, revision="main"):
        """The change touches these, and says of them what a full run says."""
        part, full = self.introduced("--changed-since", revision), self.introduced()
        self.assertEqual(sorted(entry["subject"] for entry in part.values()), sorted(subjects))
        for fingerprint, entry in part.items():
            self.assertEqual(entry, full[fingerprint])

    def test_nothing_where_no_code_has_changed(self):
        self.assert_touches([])
        self.edit("README", "text", "more text")
        self.assert_touches([])

    def test_the_changed_file_alone(self):
        self.edit("c.c", "++of_c", "--of_c")
        self.assert_touches(["c.c:of_c"])

    def test_the_units_that_read_a_changed_header(self):
        self.edit("shared.h", "int", "/* how many */ int")
        self.assert_touches(["a.c:of_a"])
        self.edit("shared.h", "/* how many */ ", "")
        self.assert_touches([])

    def test_an_object_elsewhere_that_the_change_writes(self):
        self.edit("a.c", "+ shared", "+ ++shared")
        self.assert_touches(["a.c:of_a", "b.c:shared"])

    def test_a_moved_submodule(self):
        library = self.tree.parent / (self.tree.name + "-library")
        library.mkdir()
        self.addCleanup(shutil.rmtree, library)
        (library / "l.c").write_text("int ok(void) { return 1; }\n")
        (library / "other.c").write_text("static int other;\nint o(void) { return ++other; }\n")
        for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "x"]):
            self.git(*arguments, cwd=library)
        self.git("-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(library), "lib")
        self.commit()
        self.assert_touches([])
        with open(self.tree / "lib/l.c", "a") as source:
            source.write("static int fresh;\nint bump(void) { return ++fresh; }\n")
        self.assert_touches(["lib/l.c:fresh"])
        self.git("commit", "--quiet", "-am", "x", cwd=self.tree / "lib")
        self.git("checkout", "--quiet", "-b", "branch")
        self.commit()
        self.assert_touches(["lib/l.c:fresh"])
        (self.tree / ".gitmodules").write_text((self.tree / ".gitmodules").read_text() + "\tignore = all\n")
        self.assert_touches(["lib/l.c:fresh"])
        (self.tree / "lib/.git").unlink()  # what cannot be compared counts as changed
        self.assert_touches(["lib/l.c:fresh", "lib/other.c:other"])

    def test_a_repository_in_the_tree_that_is_no_submodule(self):
        (self.tree / "nested").mkdir()
        self.git("init", "--quiet", cwd=self.tree / "nested")
        (self.tree / "nested/n.c").write_text("static int inner;\nint n(void) { return ++inner; }\n")
        self.assert_touches(["nested/n.c:inner"])

    def test_a_source_that_git_ignores(self):
        (self.tree / ".gitignore").write_text("*.gen.c\n*.gen.h\n")
        self.commit()
        (self.tree / "x.gen.c").write_text("static int made;\nint m(void) { return ++made; }\n")
        self.assert_touches(["x.gen.c:made"])
        (self.tree / "x.gen.c").unlink()
        (self.tree / "y.gen.h").write_text("static int of_header;\n")
        self.edit("c.c", "static int of_c;", '#include "y.gen.h"\nstatic int of_c;')
        self.edit("c.c", "++of_c", "++of_c + ++of_header")
        self.commit()
        self.assert_touches(["y.gen.h:of_header"])

    def test_a_deleted_header(self):
        (self.tree / "shared.h").unlink()
        done = support.run("gate", "--baseline", "empty.baseline", "--changed-since", "main", ".", cwd=self.tree)
        self.assertEqual(done.returncode, 3, done.stderr)  # as the full run: units that miss it are not complete

    def test_a_pipe_where_a_file_was(self):
        (self.tree / "c.c").unlink()
        os.mkfifo(self.tree / "c.c")
        done = support.run("gate", "--baseline", "empty.baseline", "--changed-since", "main", ".", cwd=self.tree, timeout=60)
        self.assertEqual(done.returncode, 3, done.stderr)

    def test_a_changed_compile_database_or_settings(self):
        everything = ["a.c:of_a", "c.c:of_c"]
        for name, text in (("compile_commands.json", json.dumps([{"directory": ".", "file": f"{each}.c", "command": f"cc -c {each}.c"}
                                                                 for each in "abc"])), ("ringfence.toml", 'profiles = ["own-gil"]\n')):
            with self.subTest(name=name):
                (self.tree / name).write_text(text)
                self.assert_touches(everything)
                self.commit()
                self.assert_touches([], "HEAD")

    def test_new_and_renamed_files(self):
        (self.tree / "new.c").write_text("static int fresh;\nint n(void) { return ++fresh; }\n")
        (self.tree / "c.c").rename(self.tree / "d.c")
        self.assert_touches(["new.c:fresh", "d.c:of_c"])

    def test_what_main_gained_since_is_no_change(self):
        self.git("checkout", "--quiet", "-b", "topic")
        self.edit("a.c", "++of_a", "--of_a")
        self.commit()
        self.git("checkout", "--quiet", "main")
        self.edit("c.c", "++of_c", "--of_c")
        self.commit()
        self.git("checkout", "--quiet", "topic")
        self.assert_touches(["a.c:of_a"])

    def test_a_row_of_a_file_that_is_not_touched_is_not_stale(self):
        support.run("baseline", "write", "-o", "b", "--reason", "x", ".", cwd=self.tree)
        self.edit("a.c", "++of_a", "of_a")
        done = support.run("gate", "--baseline", "b", "--changed-since", "HEAD", "--format", "json", ".", cwd=self.tree)
        result = json.loads(done.stdout)
        self.assertEqual([row["subject"] for row in result["fixed"]], ["a.c:of_a"])
        self.assertEqual([row["subject"] for row in result["unseen"]], ["c.c:of_c"])

    def test_a_new_object_named_as_one_elsewhere_has_not_moved_from_there(self):
        support.run("baseline", "write", "-o", "b", "--reason", "x", ".", cwd=self.tree)
        (self.tree / "new.c").write_text(FILES["c.c"].replace("int h", "int n"))
        done = support.run("gate", "--baseline", "b", "--changed-since", "HEAD", "--format", "json", ".", cwd=self.tree)
        self.assertEqual([entry["subject"] for entry in json.loads(done.stdout)["introduced"]], ["new.c:of_c"])

    def test_a_wrong_revision_and_a_folder_without_a_repository(self):
        done = support.run("scan", "--changed-since", "no-such", ".", cwd=self.tree)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no-such", done.stderr)
        with tempfile.TemporaryDirectory() as bare:
            pathlib.Path(bare, "a.c").write_text("int x;\n")
            self.assertEqual(support.run("scan", "--changed-since", "HEAD", bare).returncode, 2)

    def test_no_program_that_the_repository_configures_is_run(self):
        mark = self.tree / "was-run"
        script = self.tree / "hook.sh"
        script.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
        script.chmod(0o755)
        for key in ("core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "diff.external"):
            self.git("config", key, str(script))
        (self.tree / ".gitattributes").write_text("* filter=evil diff=evil\n")
        (self.tree / "c.c").write_text(FILES["c.c"] + "\n")
        self.assertEqual({entry["subject"] for entry in self.introduced("--changed-since", "HEAD").values()},
                         {"c.c:of_c"})
        self.assertFalse(mark.exists())


if __name__ == "__main__":
    unittest.main()
