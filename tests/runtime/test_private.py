"""Private copies: the bad extension in isolated interpreters, packages, unique symbols, limits that are errors; and a
public extension, where its tree is ready (scripts/corpus fetch markupsafe).

    RINGFENCE_TEST_PYTHON=EXE python3 test_private.py"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import building

PYTHON = os.environ.get("RINGFENCE_TEST_PYTHON", sys.executable)
SNIPPET = "tally.add('a'); tally.Marker(); result = tally.total()"
OWN_GIL = subprocess.run([PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 12))"]).returncode == 0


class Exercise(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = cls.scratch.name
        building.runtime_package(PYTHON, cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def exercise(self, module, snippet, *arguments):
        """(exit code, messages of findings)"""
        out = os.path.join(self.folder, "out.json")
        command = [PYTHON, "-m", "ringfence", "exercise", module, "-c", snippet, "--concurrent", "--interpreters", "4",
                   "--json", out, *arguments]
        code = subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL).returncode
        with open(out) as file:
            return code, [f["message"] for s in json.load(file)["scenarios"] for f in s["findings"]]


class PrivateCopies(Exercise):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        building.tally(PYTHON, "bad", cls.folder)
        building.tally(PYTHON, "bad", os.path.join(cls.folder, "pack"))
        with open(os.path.join(cls.folder, "pack", "__init__.py"), "w") as file:
            file.write("from pack import tally\n")
        building.extension(PYTHON, "unique", [os.path.join(building.ROOT, "tests", "runtime", "unique.cc")], cls.folder,
                           compiler=[os.environ.get("CXX", "c++"), "-std=c++17"])

    def run_python(self, code):
        run = subprocess.run([PYTHON, "-c", "from ringfence import _runtime\nfrom ringfence.private import load_private\n" + code],
                             cwd=self.folder, capture_output=True, text=True)
        return run.stdout + run.stderr

    def test_bad_extension_is_isolated(self):
        self.assertEqual(self.exercise("tally", SNIPPET, "--private-copy", "--repeat", "25"), (0, []))

    def test_without_copies_it_is_not(self):
        code, messages = self.exercise("tally", SNIPPET, "--force", "--repeat", "5")
        self.assertEqual(code, 1)
        self.assertTrue(messages)

    def test_package(self):
        self.assertEqual(self.exercise("pack", SNIPPET.replace("tally", "pack.tally"), "--private-copy"), (0, []))

    def test_a_package_whose_shared_objects_the_snippet_loads(self):
        os.makedirs(os.path.join(self.folder, "later"), exist_ok=True)
        with open(os.path.join(self.folder, "later", "__init__.py"), "w"):
            pass
        building.tally(PYTHON, "bad", os.path.join(self.folder, "later"))
        snippet = "import later.tally as tally; " + SNIPPET
        self.assertEqual(self.exercise("later", snippet, "--private-copy"), (0, []))

    def test_what_is_not_copied_is_named(self):
        for also, notes in (([], ["not copied, and so shared: tally (--also NAME copies them, too)"]), (["--also", "tally"], [])):
            out = os.path.join(self.folder, "beside.json")
            subprocess.run([PYTHON, "-m", "ringfence", "exercise", "pack", "-c", "import tally", "--private-copy", "--gil", "shared",
                            "--json", out, *also], cwd=self.folder, stdout=subprocess.DEVNULL)
            with open(out) as file:
                self.assertEqual(json.load(file)["scenarios"][0]["notes"], notes)

    def test_unique_symbols_are_no_longer_shared(self):
        symbols = subprocess.check_output(["readelf", "-sW", next(
            os.path.join(self.folder, name) for name in os.listdir(self.folder) if name.startswith("unique."))], text=True)
        if "UNIQUE" not in symbols:
            self.skipTest("this compiler makes no unique symbols")
        self.assertEqual(self.exercise("unique", "result = unique.bump()", "--private-copy"), (0, []))

    @unittest.skipUnless(OWN_GIL, "copies are freed from Python 3.12 on")
    def test_copies_are_freed_with_their_interpreter(self):
        out = self.run_python("""
for _ in range(50):
    sub = _runtime.create(True)
    ok, text = _runtime.run(sub, "from ringfence.private import load_private; load_private('tally')", "import")
    assert ok, text
    _runtime.end(sub)
print(_runtime.private_count())
""")
        self.assertEqual(out, "0\n")

    @unittest.skipUnless(OWN_GIL, "copies are freed from Python 3.12 on")
    def test_copies_that_leave_code_behind_stay_loaded(self):
        source = os.path.join(building.ROOT, "tests", "runtime", "leaves_code.c")
        library = os.path.join(self.folder, "libkeeps.so")
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", os.path.join(os.path.dirname(source), "keeps_function.c"),
                        "-o", library], check=True)
        for what, copies in ((0, 0), (1, 5), (2, 5), (3, 5), (4, 5), (5, 5)):
            name = f"leaves{what}"
            building.extension(PYTHON, name, [source], self.folder,
                               flags=[f"-DLEAVES={what}", f'-DNAME="{name}"', f"-DINIT=PyInit_{name}", "-pthread",
                                      *(["-Wl,--no-as-needed", library] if what == 5 else [])])
            run = subprocess.run([PYTHON, "-c", f"""
import threading, time
from ringfence import _runtime
def life():
    sub = _runtime.create(True)
    ok, text = _runtime.run(sub, "from ringfence.private import load_private; load_private('{name}')", "import")
    assert ok, text
    _runtime.end(sub)
for _ in range(5):
    thread = threading.Thread(target=life)
    thread.start()
    thread.join()
time.sleep(0.1)
import colorsys
print(_runtime.private_count())
"""], cwd=self.folder, capture_output=True, text=True)
            self.assertEqual((run.returncode, run.stdout), (0, f"{copies}\n"), f"{name}: {run.stderr}")

    def test_a_module_that_is_loaded_already_is_an_error(self):
        self.assertIn("was imported in this interpreter without a private copy", self.run_python("import tally; load_private('tally')"))

    def test_a_second_load_is_the_same_module(self):
        self.assertEqual(self.run_python("print(load_private('tally') is load_private('tally'))"), "True\n")

    def test_files_that_cannot_be_loaded_are_import_errors(self):
        with open(os.path.join(self.folder, "broken.so"), "wb") as file:
            file.write(b"\x7fELF" + bytes(200))
        with open(os.path.join(self.folder, "empty.so"), "wb"):
            pass
        for module in ("broken", "empty", "absent"):
            last = self.run_python(f"load_private('{module}')").strip().splitlines()[-1]
            self.assertRegex(last, "ImportError|ModuleNotFoundError", module)

    def test_other_modules_are_imported_as_ever(self):
        self.assertEqual(self.run_python("load_private('tally'); import json; print(json.loads('[1]'))"), "[1]\n")


CORPORA = os.environ.get("RINGFENCE_CORPORA", os.path.join(building.ROOT, "corpora"))
MARKUPSAFE = os.path.join(CORPORA, "markupsafe", "src", "src", "markupsafe")


@unittest.skipUnless(OWN_GIL and os.path.isdir(MARKUPSAFE), "needs Python 3.12 and scripts/corpus fetch markupsafe")
class PublicExtension(Exercise):
    """markupsafe as Debian 12 has it: single-phase, with a class in a static."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        package = os.path.join(cls.folder, "markupsafe")
        shutil.copytree(MARKUPSAFE, package)
        building.extension(PYTHON, "markupsafe._speedups", glob.glob(package + "/*.c"), cls.folder, flags=["-w"])

    SNIPPET = """
import markupsafe._speedups
result = [type(f("<a>")) is markupsafe.Markup for f in (markupsafe.escape, markupsafe._speedups.escape)]
"""

    def test_four_interpreters_at_once_a_hundred_times(self):
        self.assertEqual(self.exercise("markupsafe", self.SNIPPET, "--gil", "own", "--private-copy", "--repeat", "100",
                                       "--limit", "250"), (0, []))

    def test_without_copies_it_gives_the_wrong_class(self):
        code, messages = self.exercise("markupsafe", self.SNIPPET, "--gil", "own", "--force")
        self.assertEqual(code, 1)
        self.assertIn("gave [False, False], alone it gives [True, True]", messages[0])


if __name__ == "__main__":
    unittest.main()
