"""What CI of others installs: the released archive by checksum, and the composite action's steps, executed as a runner would."""

import functools
import hashlib
import http.server
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
import unittest

import support

SCRIPTS = support.PROJECT / "scripts"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class Release(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        served = self.folder / "served"
        served.mkdir()
        archive = served / "ringfence-0-linux-x86_64.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(support.ringfence(), "ringfence-0-linux-x86_64/ringfence")
            resources = pathlib.Path(subprocess.check_output(["clang-19", "-print-resource-dir"], text=True).strip())
            tar.add(resources / "include", "ringfence-0-linux-x86_64/clang/19/include")
        self.sum = hashlib.sha256(archive.read_bytes()).hexdigest()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=served))
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}/{archive.name}"
        self.plain = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "RINGFENCE_CACHE": "", "no_proxy": "127.0.0.1"}

    def install(self, url, checksum, target="installed"):
        return subprocess.run([SCRIPTS / "install-release", url, checksum, self.folder / target], env=self.plain, capture_output=True,
                              text=True, check=False)

    def test_installs_by_checksum(self):
        done = self.install(self.url, self.sum)
        self.assertEqual((done.returncode, done.stdout), (0, f"{self.folder}/installed/ringfence\n"), done.stderr)
        self.assertIn("ringfence", subprocess.check_output([self.folder / "installed/ringfence", "--version"], env=self.plain, text=True))
        self.assertTrue((self.folder / "installed/clang/19/include/stddef.h").exists())

    def test_installs_nothing_else(self):
        for url, checksum, code, words in [(self.url, "0" * 64, 1, "has another checksum"), (self.url, "latest", 2, "no SHA-256 checksum"),
                                           (self.url + "x", self.sum, 22, "404")]:
            done = self.install(url, checksum, "nothing")
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(words, done.stderr)
            self.assertEqual(list((self.folder / "nothing").iterdir()) if (self.folder / "nothing").exists() else [], [])

    def test_the_dockerfile_copies_what_the_archive_holds(self):
        """`scripts/test-roots` changes its root to what it copies."""
        script = (SCRIPTS / "release").read_text()
        held = set(re.findall(r'folder / "(\w+)[/"]|clone / "(\w+)", folder', script))
        held = {first or second for first, second in held}
        lines = [line for line in (support.PROJECT / "packaging/container/Dockerfile").read_text().splitlines() if not line.startswith("#")]
        self.assertEqual(lines, ["FROM scratch", "COPY ringfence /ringfence", "COPY clang /clang", "COPY LICENSE /LICENSE",
                                 'ENTRYPOINT ["/ringfence"]'])
        self.assertEqual(held, {"ringfence", "clang", "LICENSE"})

    def test_the_lines_of_the_component(self):
        """The job's lines with the inputs filled in, without those that install packages."""
        try:
            import yaml
        except ImportError:
            self.skipTest("no yaml")
        head, job = list(yaml.safe_load_all((support.PROJECT / "templates/ringfence.yml").read_text()))
        given = {name: value["default"] for name, value in head["spec"]["inputs"].items() if value and "default" in value}
        given |= {"url": self.url, "sha256": self.sum}
        job = job["ringfence"]
        self.assertEqual(job["stage"], "$[[ inputs.stage ]]")
        lines = [re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda found: given[found[1]], line)
                 for line in [*job["before_script"], *job["script"]] if not line.startswith("apt-get")]
        self.assertEqual(len(lines), 2)
        tree = self.folder / "project"
        tree.mkdir()
        (tree / "ringfence.baseline").write_text('{"schema":"ringfence-baseline/1"}\n')
        variables = {**self.plain, **{name: value.replace("$CI_PROJECT_DIR", str(tree)) for name, value in job["variables"].items()}}
        for source, code, found in (("int f(void);\n", 0, []), ("int added;\nint add(void) { return ++added; }\n", 1, ["new.c"])):
            (tree / "new.c").write_text(source)
            done = subprocess.run(["bash", "-e", "-c", "\n".join(lines)], cwd=tree, env=variables, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            report = json.loads((tree / job["artifacts"]["reports"]["codequality"]).read_text())
            self.assertEqual([issue["location"]["path"] for issue in report], found)
        given["sha256"] = "0" * 64
        wrong = [line.replace(self.sum, given["sha256"]) for line in lines]
        done = subprocess.run(["bash", "-e", "-c", "\n".join(wrong)], cwd=tree, env=variables, capture_output=True, text=True, check=False)
        self.assertNotEqual(done.returncode, 0)

    def test_the_steps_of_the_action(self):
        """`run` of each step with its environment: what the runner does, without the steps of others (`uses`)."""
        tree = self.folder / "tree"
        tree.mkdir()
        (tree / "spam.c").write_text("#include <Python.h>\nstatic PyObject *cache;\nPyObject *get(void) {\n  if (!cache)\n"
                                     "    cache = PyLong_FromLong(1);\n  return cache;\n}\n")
        (tree / "ringfence.baseline").write_text('{"schema":"ringfence-baseline/1"}\n')
        given = {"url": self.url, "sha256": self.sum, "sarif": "out.sarif", "path": ".", "baseline": "ringfence.baseline"}
        files = {name: self.folder / name for name in ("path", "summary")}
        environment = {**self.plain, "RUNNER_TEMP": str(self.folder / "temp"), "GITHUB_PATH": str(files["path"]),
                       "GITHUB_STEP_SUMMARY": str(files["summary"])}
        text = (support.PROJECT / "action.yml").read_text()
        steps = re.split(r"(?m)^    - ", text.partition("  steps:\n")[2])[1:]
        ran = []
        for step in steps:
            command = re.search(r"(?ms)^ +run: (?:\|\n)?(.*)", "      " + step)
            if not command:
                continue
            fill = lambda value: re.sub(r"\$\{\{ (inputs|github)\.([\w-]+) \}\}",  # noqa: E731
                                        lambda found: str(support.PROJECT) if found[2] == "action_path" else given.get(found[2], ""), value)
            own = {name: fill(value) for name, value in re.findall(r"(?m)^ +([A-Z_0-9]+): (.+)$", step)}
            added = files["path"].read_text().split() if files["path"].exists() else []
            done = subprocess.run(["bash", "-e", "-c", fill(command[1])], cwd=tree, capture_output=True, text=True, check=False,
                                  env={**environment, **own, "PATH": ":".join([*added, environment["PATH"]])})
            ran.append((done.returncode, done.stdout, done.stderr))
        self.assertEqual([code for code, _, _ in ran], [0, 1], ran)
        self.assertIn("::error file=spam.c,line=2", ran[1][1])
        self.assertIn("cache", files["summary"].read_text())
        self.assertTrue((tree / "out.sarif").exists())


if __name__ == "__main__":
    unittest.main()
