"""What a project copies: the pre-commit hook, the GitHub Action and the GitLab job, run as those services run them."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import support

NEW = "int added;\nint add(void) { return ++added; }\n"


class AdoptingTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        bin_folder = pathlib.Path(folder.name, "bin")
        bin_folder.mkdir()
        (bin_folder / "ringfence").symlink_to(support.ringfence().resolve())
        self.tree = pathlib.Path(folder.name, "tree")
        self.tree.mkdir()
        self.environment = os.environ | {
            "PATH": f"{bin_folder}:{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": os.devnull, "HOME": folder.name,
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
        (self.tree / "old.c").write_text("int counter;\nint count(void) { return ++counter; }\n")
        self.run_in("ringfence", "baseline", "write", "-o", "ringfence.baseline", "--reason", "first", ".")
        self.commit()

    def run_in(self, *command, **environment):
        return subprocess.run(list(map(str, command)), cwd=self.tree, env=self.environment | environment,
                              capture_output=True, text=True, check=False)

    def commit(self):
        self.run_in("git", "init", "--quiet")
        self.run_in("git", "add", ".")
        self.assertEqual(self.run_in("git", "commit", "--quiet", "-m", "x").returncode, 0)

    def test_the_github_action(self):
        action = (support.PROJECT / "action.yml").read_text()
        script = re.findall(r"github\.action_path \}\}/(\S+)", action)[-1]
        for name in re.findall(r"inputs\.([\w-]+)", action):
            self.assertRegex(action, rf"(?m)^  {name}:$")
        gate = (support.PROJECT / script, )
        self.assertEqual(self.run_in(*gate).returncode, 0)
        (self.tree / "new.c").write_text(NEW)
        summary = self.tree / "summary.md"
        done = self.run_in(*gate, GITHUB_STEP_SUMMARY=str(summary), GATE_SARIF="out.sarif", GATE_SINCE="HEAD",
                           GATE_ARGUMENTS="--profile own-gil --strict")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^::\w+ file=new\.c,line=1")
        self.assertIn("added", summary.read_text())
        self.assertEqual(json.loads((self.tree / "out.sarif").read_text())["version"], "2.1.0")
        self.assertEqual(self.run_in(*gate, GATE_BASELINE="none").returncode, 2)

    def test_the_gitlab_job(self):
        job = (support.PROJECT / "examples/gitlab-ci.yml").read_text()
        script = re.search(r"- >\n((?:      .*\n)+)", job)[1]
        (self.tree / "new.c").write_text(NEW)
        line = " ".join(script.split())  # as YAML folds it
        done = self.run_in("bash", "-c", line, CI_MERGE_REQUEST_DIFF_BASE_SHA="HEAD")
        self.assertEqual(done.returncode, 1, done.stderr)
        report = json.loads((self.tree / "gl-code-quality-report.json").read_text())
        self.assertEqual([issue["location"]["path"] for issue in report], ["new.c"])
        self.assertIn("new.c:1: ", done.stderr)  # the log says what failed
        self.assertIn("1 introduced", done.stderr)
        (self.tree / "new.c").unlink()
        self.assertEqual(self.run_in("bash", "-c", line).returncode, 0)

    def test_the_examples_capture_as_the_local_recipe_does(self):
        recipe = "ringfence capture -- python3 -m pip wheel . --no-build-isolation --no-deps -w build/wheels"
        for name in ("docs/adopting.md", "examples/gitlab-ci.yml", "examples/github-workflow.yml"):
            self.assertIn(recipe, (support.PROJECT / name).read_text(), name)

    def test_the_matrix_of_jobs(self):
        jobs = (support.PROJECT / "examples/github-matrix.yml").read_text()
        extract, merge = re.findall(r"- run: (ringfence .*)", jobs)
        for shard in re.search(r"shard: \[(.*)\]", jobs)[1].split(", "):
            self.assertEqual(self.run_in("bash", "-c", extract.replace("${{ matrix.shard }}", shard)).returncode, 0)
        done = self.run_in("bash", "-c", merge)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("old.c:counter", (self.tree / "report.html").read_text())

    def test_the_pre_commit_hook(self):
        if not shutil.which("pre-commit"):
            self.skipTest("pre-commit is not installed")
        hooks = self.tree.parent / "hooks"  # pre-commit takes a repository, of which it reads the committed state
        hooks.mkdir()
        shutil.copy(support.PROJECT / ".pre-commit-hooks.yaml", hooks)
        for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "x"]):
            subprocess.run(["git", *command], cwd=hooks, env=self.environment, check=True, capture_output=True)
        (self.tree / "new.c").write_text("int f(void);\n")
        self.run_in("git", "add", "new.c")
        done = self.run_in("pre-commit", "try-repo", hooks, "ringfence")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        (self.tree / "new.c").write_text(NEW)
        self.run_in("git", "add", "new.c")
        done = self.run_in("pre-commit", "try-repo", hooks, "ringfence")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("new.c:1", done.stdout)


if __name__ == "__main__":
    unittest.main()
