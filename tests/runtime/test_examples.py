"""The examples, built with each of their build files and run, and the package itself: pip, sdist, get_include(). Those that
need packages of PyPI are skipped where they are missing; scripts/test-pypi brings them.

    RINGFENCE_TEST_PYTHON=EXE python3 test_examples.py"""
import glob
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

import building

PYTHON = os.environ.get("RINGFENCE_TEST_PYTHON", sys.executable)
EXAMPLES = os.path.join(building.ROOT, "examples")


def has(*modules):
    return subprocess.run([PYTHON, "-c", "import " + ", ".join(modules)], capture_output=True).returncode == 0


def is_installed(*distributions):
    code = "import sys, importlib.metadata as m; [m.version(name) for name in sys.argv[1:]]"
    return subprocess.run([PYTHON, "-c", code, *distributions], capture_output=True).returncode == 0


def meson_takes_python():
    """Before 1.3, meson asked each Python for distutils, which went with 3.12."""
    if not shutil.which("meson") or not shutil.which("ninja"):
        return False
    version = subprocess.run(["meson", "--version"], capture_output=True, text=True).stdout.split(".")[:2]
    return [int(part) for part in version] >= [1, 3] or has("distutils")


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        building.runtime_package(PYTHON, cls.scratch.name)
        cls.environment = dict(os.environ, PYTHONPATH=cls.scratch.name)

    def setUp(self):
        self.folder = self.copy("extension")

    def copy(self, example):
        """Links within the examples become files."""
        return shutil.copytree(os.path.join(EXAMPLES, example), os.path.join(tempfile.mkdtemp(dir=self.scratch.name), example))

    def run_here(self, *command):
        run = subprocess.run(command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True)
        self.assertEqual(run.returncode, 0, run.stdout)
        return run.stdout

    def check_spam(self, folder, module="spam"):
        self.assertEqual(self.run_here(PYTHON, "-c", f"import sys; sys.path.insert(0, {folder!r}); import {module} as spam; "
                                                     "print(spam.count('a'), spam.count('a'))"), "1 2\n")
        out = self.run_here(PYTHON, "-m", "ringfence", "exercise", module, "--path", folder, "-c",
                            f"result = {module}.count('a')")
        self.assertIn("passed", out)

    def pip_install(self, example):
        """The folder that an example was installed into by its own build system, out of what is installed here."""
        self.folder = self.copy(example)
        site = os.path.join(self.folder, "site")
        del self.environment["PYTHONPATH"]  # the build finds the package where pip put it
        self.addCleanup(self.environment.update, PYTHONPATH=self.scratch.name)
        self.run_here(PYTHON, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--no-build-isolation", "--target", site, ".")
        self.environment["PYTHONPATH"] = self.scratch.name
        return site

    @unittest.skipUnless(has("setuptools"), "no setuptools")
    def test_setuptools(self):
        self.run_here(PYTHON, "setup.py", "-q", "build_ext", "--inplace")
        self.check_spam(self.folder)

    @unittest.skipUnless(has("setuptools"), "no setuptools")
    def test_a_type_and_a_c_api_that_moved(self):
        self.folder = self.copy("capi")
        self.run_here(PYTHON, "setup.py", "-q", "build_ext", "--inplace")
        out = self.run_here(PYTHON, "-m", "ringfence", "exercise", "soup", "--concurrent", "-c", "result = soup.cook(4)")
        self.assertNotIn("exception", out)
        out = self.run_here(PYTHON, "-c", "import soup; print(soup.cook(4))")
        self.assertEqual(out, "(8, True)\n")
        types = ("import noodle; ring = [noodle.Ramen('miso')]; ring.append(noodle.Ramen(ring)); "
                 "result = (noodle.Ramen.__mro__[1] is noodle.Noodle, ring[0].double().__class__ is noodle.Noodle)")
        out = self.run_here(PYTHON, "-c", types + "; print(result)")
        self.assertEqual(out, "(True, True)\n")
        out = self.run_here(PYTHON, "-m", "ringfence", "exercise", "noodle", "--gil", "shared", "--cycles", "2", "-c", types)
        self.assertEqual([line.split()[-1] for line in out.splitlines() if " s  " in line],
                         ["passed"] * (3 if building.free_threaded(PYTHON) else 4), out)

    @unittest.skipUnless(meson_takes_python(), "no meson, or one that wants distutils, which this Python lacks")
    def test_meson(self):
        self.run_here("meson", "setup", "build", f"-Dpython={PYTHON}")
        self.run_here("meson", "compile", "-C", "build")
        self.check_spam(os.path.join(self.folder, "build"))

    def test_cmake(self):
        prefix = os.path.join(self.folder, "prefix")
        self.run_here("cmake", "-S", building.RUNTIME, "-B", "runtime", f"-DCMAKE_INSTALL_PREFIX={prefix}")
        self.run_here("cmake", "--install", "runtime")
        self.run_here("cmake", "-S", ".", "-B", "build", f"-DCMAKE_PREFIX_PATH={prefix}", f"-DPython_EXECUTABLE={PYTHON}",
                      "-DCMAKE_UNITY_BUILD=ON")
        self.run_here("cmake", "--build", "build")
        self.check_spam(os.path.join(self.folder, "build"))

    @unittest.skipUnless(is_installed("ringfence", "meson-python"), "no meson-python")
    def test_meson_python(self):
        self.check_spam(self.pip_install("meson-python"))

    @unittest.skipUnless(is_installed("ringfence", "scikit-build-core"), "no scikit-build-core")
    def test_scikit_build_core(self):
        self.check_spam(self.pip_install("scikit-build-core"))

    @unittest.skipUnless(is_installed("ringfence", "scikit-build-core", "pybind11"), "no scikit-build-core or no pybind11")
    def test_pybind11(self):
        self.check_spam(self.pip_install("pybind11"), "ham")

    @unittest.skipUnless(has("setuptools", "Cython"), "no Cython")
    def test_cython(self):
        self.run_here(PYTHON, "setup_cython.py", "-q", "build_ext", "--inplace")
        out = self.run_here(PYTHON, "-c", "import eggs; print(eggs.add(1), eggs.add(2))")
        self.assertEqual(out, "1 3\n")

    @unittest.skipUnless(has("setuptools", "pip"), "no setuptools or no pip")
    def test_sdist_builds_and_brings_headers_and_source(self):
        tree = os.path.join(self.folder, "runtime")
        shutil.copytree(building.RUNTIME, tree, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__", "*.so"),
                        symlinks=True)
        subprocess.run([PYTHON, "setup.py", "-q", "sdist", "-d", self.folder], cwd=os.path.join(tree, "python"), check=True,
                       capture_output=True)
        (archive,) = glob.glob(os.path.join(self.folder, "ringfence-*.tar.gz"))
        with tarfile.open(archive) as tar:
            tar.extractall(self.folder)
        shutil.rmtree(tree)
        source, site = archive[:-len(".tar.gz")], os.path.join(self.folder, "site")
        subprocess.run([PYTHON, "setup.py", "-q", "build", "--build-lib", site], cwd=source, check=True, capture_output=True)
        code = ("import os, ringfence; print(ringfence.__file__, os.path.isfile(ringfence.get_source()), "
                "os.path.isfile(ringfence.get_include() + '/ringfence.h'))")
        out = subprocess.check_output([PYTHON, "-c", code], env=dict(os.environ, PYTHONPATH=site), text=True).split()
        self.assertEqual(out, [os.path.join(site, "ringfence", "__init__.py"), "True", "True"])

    def test_other_commands_are_the_analysers(self):
        tools = os.path.join(self.folder, "tools")
        os.mkdir(tools)
        run = subprocess.run([PYTHON, "-m", "ringfence", "scan"], env=dict(self.environment, PATH=tools), capture_output=True,
                             text=True)
        self.assertEqual((run.returncode, "the analyser, which has the command 'scan'" in run.stderr), (2, True))
        with open(os.path.join(tools, "ringfence"), "w") as file:
            file.write("#!/bin/sh\necho analyser \"$@\"\nexit 3\n")
        os.chmod(file.name, 0o755)
        run = subprocess.run([PYTHON, "-m", "ringfence", "scan", "a b"], env=dict(self.environment, PATH=tools),
                             capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stdout), (3, "analyser scan a b\n"))


if __name__ == "__main__":
    unittest.main()
