"""A harness that says "passed" only of what it did: manifests that do not fit, refusals, controls, floods, hangs, leftovers.

    RINGFENCE_TEST_PYTHON=EXE python3 test_honest.py"""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import building
import manifests

PYTHON = os.environ.get("RINGFENCE_TEST_PYTHON", sys.executable)
OWN_GIL = subprocess.run([PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 12))"]).returncode == 0
FREE = building.free_threaded(PYTHON)
OBJECT = {"id": "tally.c:total", "symbol": "total", "kind": "counter", "verdict": "unsafe", "source": "tally.c:1",
          "advice": "", "address": 16384, "size": 8, "object_words": [0]}


def document(**changes):
    """A manifest of one object with some members of it changed."""
    return json.dumps({"schema": "ringfence-manifest/1", "files": [{"file": "tally.so", "objects": [dict(OBJECT, **changes)]}]})


def text_of(*objects, **counts):
    """A manifest as the analyser writes it, up to the digest."""
    whole = {"schema": "ringfence-manifest/2", "counts": {"files": 1, "objects": len(objects), "missing": 0, **counts},
             "files": [{"file": "tally.so", "objects": objects}], "missing": []}
    return json.dumps(whole, indent=1)[:-len("\n}")].encode()


def sealed(text, digest_of=None):
    """With a digest, of another text where one is given."""
    digest = subprocess.run(["git", "hash-object", "--stdin"], input=digest_of or text, stdout=subprocess.PIPE, check=True).stdout.strip()
    return b'%s,\n "digest": "%s"\n}\n' % (text, digest)


WHOLE = document()
OTHER = dict(OBJECT, symbol="other", address=16392)
TWO = text_of(OBJECT, OTHER)
ANOTHER = "its digest is another"
BROKEN = {  # name -> (text, what the error says)
    "nothing": ("", "is broken"),
    "truncated": (WHOLE[:-20], "is broken"),
    "not text": (b"\xff\xfe\x00", "is broken"),
    "deep": ("[" * 100000, "nested too deeply"),
    "a list": ("[]", "it is no ringfence-manifest/2"),
    "another version": (WHOLE.replace("manifest/1", "manifest/9"), "it is no ringfence-manifest/2"),
    "files as text": ('{"schema": "ringfence-manifest/1", "files": "tally.so"}', "files is no list"),
    "a file as number": ('{"schema": "ringfence-manifest/1", "files": [1]}', "no object"),
    "objects as number": ('{"schema": "ringfence-manifest/1", "files": [{"file": "a.so", "objects": 1}]}', "is no list"),
    "build id": ('{"schema": "ringfence-manifest/1", "files": [{"file": "a.so", "build_id": "xyz", "objects": []}]}',
                 "not in hexadecimal"),
    "twice": (WHOLE.replace('"files"', '"files": [], "files"'), "it has a key twice: 'files'"),
    "address as text": (document(address="16384"), "address of total"),
    "negative address": (document(address=-8), "address of total"),
    "negative size": (document(size=-8), "size of total"),
    "no size": (document(size=0), "size of total"),
    "huge": (document(address=10 ** 40), "address of total"),
    "many digits": (WHOLE.replace("16384", "1" * 9000), "is broken"),
    "beyond the end": (document(address=(1 << 47) - 4), "ends beyond all addresses"),
    "not a number": (WHOLE.replace("16384", "NaN"), "NaN is no number"),
    "a fraction": (document(size=8.5), "size of total"),
    "true as number": (document(size=True), "size of total"),
    "words as text": (document(object_words="0"), "is no list"),
    "negative word": (document(object_words=[-8]), "an object word of total"),
    "word outside": (document(object_words=[1]), "lies outside of it: 1"),
    "symbol as number": (document(symbol=7), "symbol of 7"),
    "zero in a text": (document(advice="a\0b"), "advice of total"),
    "half a character": (document(id="\ud800"), "id of total"),
    "sealed, cut": (TWO + b"\n}\n", ANOTHER),
    "sealed, an object less": (sealed(text_of(OBJECT), TWO), ANOTHER),
    "sealed, doubled": (sealed(text_of(OBJECT, OBJECT, OTHER), TWO), ANOTHER),
    "sealed, reordered": (sealed(text_of(OTHER, OBJECT), TWO), ANOTHER),
    "sealed, a digit changed": (sealed(TWO.replace(b"16392", b"16393"), TWO), ANOTHER),
    "sealed, written anew": (json.dumps(json.loads(sealed(TWO))), ANOTHER),
    "sealed, another after it": (sealed(TWO) * 2, "is broken"),
    "sealed, counts": (sealed(text_of(OBJECT, OTHER, objects=3)), "its counts are not those of its lists"),
    "thread-local": (document(thread_local="no"), "neither true nor false"),
}


SHY = """
#include <Python.h>
#include "ringfence.h"
static rf_guard guard = RF_GUARD_INIT(RF_REFUSE_SECOND);
static int nothing(PyObject *module) { (void)module; return 0; }
static int shy_exec(PyObject *module) { return rf_load_guard(&guard, module, nothing); }
static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)shy_exec}, {0, NULL}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, .m_name = "_shy", .m_slots = slots};
PyMODINIT_FUNC PyInit__shy(void) { return PyModuleDef_Init(&def); }
"""


class Honest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.folder = cls.scratch.name
        building.runtime_package(PYTHON, cls.folder)
        cls.library = building.tally(PYTHON, "bad", os.path.join(cls.folder, "bad"))

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode(errors="surrogatepass"))

    def exercise(self, module, *arguments, limit=60):
        """(exit code, output, scenarios)"""
        out = os.path.join(self.folder, "out.json")
        if os.path.exists(out):
            os.remove(out)
        run = subprocess.run([PYTHON, "-m", "ringfence", "exercise", module, "--json", out, "--limit", str(limit), *arguments],
                             cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if not os.path.exists(out):
            return run.returncode, run.stdout, []
        with open(out) as file:
            return run.returncode, run.stdout, json.load(file)["scenarios"]

    def planted(self, module, source, *arguments, **options):
        self.write(module + ".py", source)
        return self.exercise(module, "--gil", "shared", *arguments, **options)

    def test_broken_manifests_are_errors_before_anything_runs(self):
        code = ("import sys\nfrom ringfence import manifest\n"
                "for name in sys.argv[1:]:\n"
                "    try: print(name, manifest.load(name))\n"
                "    except manifest.ManifestError as error: print(error)\n")
        for name, (text, _) in BROKEN.items():
            self.write(name + ".json", text)
        names = [name + ".json" for name in BROKEN]
        run = subprocess.run([PYTHON, "-c", code, *names], cwd=self.folder, capture_output=True, text=True)
        said = run.stdout.splitlines()
        self.assertEqual(len(said), len(BROKEN), run.stderr)
        for (name, (_, expected)), line in zip(BROKEN.items(), said):
            with self.subTest(name):
                self.assertIn(f"the manifest {name}.json is broken: ", line)
                self.assertIn(expected, line)
        code, out, scenarios = self.exercise("tally", "--path", "bad", "--manifest", "truncated.json")
        self.assertEqual((code, scenarios), (2, []), out)

    def test_a_whole_manifest_is_none_of_them(self):
        for text in (WHOLE, sealed(text_of(OBJECT))):  # version 1, and 2
            self.write("whole.json", text)
            code = "from ringfence import manifest; print(manifest.load('whole.json'))"
            out = subprocess.check_output([PYTHON, "-c", code], cwd=self.folder, text=True)
            self.assertEqual(out, "[('tally.so', None, [('tally.c:total', 'total', 'counter', 'unsafe', 'tally.c:1', '', 16384, 8, "
                                  "[0])])]\n")

    def test_a_manifest_of_another_build_is_not_judged(self):
        other = building.tally(PYTHON, "bad", os.path.join(self.folder, "other"), flags=["-O0"])
        manifests.write(other, manifests.TALLY, os.path.join(self.folder, "other.json"))
        code, out, scenarios = self.exercise("tally", "--path", "bad", "--manifest", "other.json")
        self.assertEqual((code, len(scenarios), scenarios[0]["status"]), (3, 1, "not-judged"), out)
        self.assertIn("the manifest was made for", scenarios[0]["reason"])

    def test_a_manifest_that_cannot_be_used_is_not_judged(self):
        self.write("pure.py", "")
        manifests.write(self.library, manifests.TALLY, os.path.join(self.folder, "tally.json"))
        self.write("none.json", '{"schema": "ringfence-manifest/1", "files": []}')
        for module, arguments, reason in (
                ("tally", ["--manifest", "none.json"], "lists no shared object of tally"),
                ("pure", ["--manifest", "tally.json"], "pure has no shared object"),
                ("pure", ["--private-copy"], "pure loaded no shared object"),
                ("tally", ["--manifest", "tally.json", "--private-copy"], "--private-copy loads others")):
            code, out, _ = self.exercise(module, "--path", "bad", *arguments)
            self.assertEqual(code, 3, out)
            self.assertIn(reason, out)
            self.assertNotIn("passed", out)

    def test_the_watch_goes_on_in_cycles(self):
        manifests.write(self.library, manifests.TALLY, os.path.join(self.folder, "tally.json"))
        _, out, scenarios = self.exercise("tally", "--path", "bad", "--manifest", "tally.json", "--gil", "shared", "--cycles",
                                          "2", "-c", "tally.add('a')")
        symbols = {(f.get("symbol"), f.get("violation")) for f in scenarios[2]["findings"] if f["kind"] == "watch"}
        self.assertIn(("word_counts", "dead-object"), symbols, out)

    def test_what_changes_in_a_lone_interpreter_is_no_finding(self):
        manifests.write(self.library, {"total": ("counter", [])}, os.path.join(self.folder, "total.json"))
        _, out, scenarios = self.exercise("tally", "--path", "bad", "--manifest", "total.json", "--gil", "shared", "-c",
                                          "tally.add('a')")
        self.assertEqual(scenarios[0]["status"], "passed", out)
        self.assertIn("changed: total", scenarios[0]["notes"][0])

    def test_a_missing_module_is_a_usage_error(self):
        for module in ("absent", "absent.part", "json.absent", "pure2.absent"):
            self.write("pure2.py", "")
            code, out, _ = self.exercise(module)
            self.assertEqual(code, 2, out)
            self.assertIn(f"there is no module {module}", out)
        code, _, scenarios = self.planted("lacks", "import absent\n")
        self.assertEqual((code, scenarios[0]["findings"][0]["kind"]), (1, "exception"))

    def test_a_flood_of_output_stays_out_of_memory(self):
        start = ("import resource, sys\nfrom ringfence import exercise\n"
                 "code = exercise.main(['exercise', 'flood', '--gil', 'shared', '--interpreters', '1', '-c', "
                 "'flood.flow()', '--limit', '60'])\n"
                 "print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n")
        self.write("flood.py", "import os\ndef flow():\n    for _ in range(600): os.write(1, bytes(1 << 20))\n")
        out = subprocess.check_output([PYTHON, "-c", start], cwd=self.folder, text=True)
        code, kilobytes = map(int, out.splitlines()[-1].split())
        self.assertEqual(code, 0, out)
        self.assertLess(kilobytes, 100 << 10)

    def test_long_results_are_compared_whole(self):
        source = "import sys\ndef text():\n    sys.n = getattr(sys, 'n', 0) + 1\n    return 'x' * 100000 + str(sys.n)\n"
        code, out, _ = self.planted("long", source, "-c", "result = long.text()")
        self.assertEqual(code, 0, out)
        code, out, _ = self.planted("grows", "import os\ndef text():\n    return 'x' * 100000 + str(os.getpid())\n", "-c",
                                    "result = grows.text()")
        self.assertEqual(code, 1, out)
        self.assertLess(len(out), 200000)

    def test_results_that_cannot_be_encoded_are_compared_too(self):
        source = "import os\nclass R:\n    def __repr__(self): return '\\ud800\\0' + str(os.getpid())\n"
        code, out, scenarios = self.planted("halves", source, "-c", "result = halves.R()")
        self.assertEqual((code, scenarios[1]["findings"][0]["kind"]), (1, "wrong-result"), out)
        self.assertIn("gave \\ud800 ", out)

    def test_the_message_is_what_was_raised(self):
        for raised, message in (("ImportError('first\\nsecond')", "ImportError: first"), ("ValueError('\\ud800')", "ValueError: \\ud800"),
                                ("SyntaxError('bad', ('f', 1, 1, 'x'))", "SyntaxError: bad")):
            _, out, scenarios = self.planted("raises", f"raise {raised}\n", "--interpreters", "1")
            self.assertEqual(scenarios[0]["findings"][0]["message"], f"import in main: {message}", out)

    def test_a_module_may_put_anything_into_its_place(self):
        for name, source in (("stands_in", "import sys, types\nsys.modules[__name__] = types.ModuleType('x')\n"),
                             ("slotted", "import sys\nclass S: __slots__ = ()\nsys.modules[__name__] = S()\n"),
                             ("without_imports", "import sys\nsys.meta_path.clear()\n")):
            code, out, scenarios = self.planted(name, source, "--cycles", "2", "--interpreters", "1")
            self.assertEqual((code, [s["status"] for s in scenarios]), (0, ["passed"] * len(scenarios)), out)

    def test_what_the_harness_cannot_do_is_not_the_modules_crash(self):
        code, out, scenarios = self.planted("patches", "import os\nos.fork = None\n", "--fork", "--interpreters", "1")
        self.assertEqual((code, [s["status"] for s in scenarios][-1:]), (3, ["not-judged"]), out)
        self.assertIn("the harness cannot go on beside patches: TypeError", scenarios[-1]["reason"])

    def test_a_module_may_change_what_the_harness_calls(self):
        source = ("import json, os\ndef refuse(*arguments, **keywords): raise RuntimeError('changed')\n"
                  "json.dumps = os.write = os._exit = refuse\n")
        code, out, _ = self.planted("changes", source, "--interpreters", "1")
        self.assertEqual(code, 0, out)

    def test_a_module_that_closes_every_file_is_not_judged(self):
        code, out, scenarios = self.planted("closes", "import os\nos.closerange(0, 500)\n", "--interpreters", "1")
        self.assertEqual((code, scenarios[0]["status"], scenarios[0]["reason"]),
                         (3, "not-judged", "it took away what the harness reports through"), out)

    def test_evidence_that_cannot_be_written_is_said(self):
        self.write("quiet.py", "")
        run = subprocess.run([PYTHON, "-m", "ringfence", "exercise", "quiet", "--interpreters", "1", "--json", "/dev/full"],
                             cwd=self.folder, capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stderr.splitlines()[-1].partition("error: ")[2]),
                         (2, "--json: /dev/full cannot be written: No space left on device"))

    def test_an_endless_manifest_is_broken(self):
        code = "from ringfence import manifest\nmanifest.LARGEST = 1000\nmanifest.load('/dev/zero')"
        run = subprocess.run([PYTHON, "-c", code], cwd=self.folder, capture_output=True, text=True)
        self.assertIn("ManifestError: the manifest /dev/zero is broken: it is larger than 1 GB", run.stderr)

    def test_a_module_may_close_the_output(self):
        code, out, _ = self.planted("silent", "import sys\nsys.stdout.close()\n", "--cycles", "2")
        self.assertEqual(code, 0, out)

    def test_hashes_and_addresses_are_the_same_everywhere(self):
        code, out, _ = self.planted("same", "class C: pass\n", "-c", "result = ({'a', 'b', 'c', 'd'}, hash('a'), same.C())",
                                    "--cycles", "3", "--fork")
        self.assertEqual(code, 0, out)

    def test_the_snippet_has_a_namespace_of_its_own(self):
        snippet = "result = sorted(name for name in globals() if not name.startswith('_'))"
        code, out, _ = self.planted("names", "", "-c", snippet + "\nimport __main__; assert __main__.names is names")
        self.assertEqual(code, 0, out)
        self.planted("names", "", "-c", snippet.replace("result", "assert ['names', 'sys']"))
        for shape in ("--cycles=2", "--fork"):
            code, out, _ = self.planted("names", "", "-c", "assert 'Child' not in globals()", shape)
            self.assertEqual(code, 0, out)

    def test_refusals_are_told_apart(self):
        signs = {"Interpreter change detected - this module can only be loaded into one interpreter per process.": "Cython",
                 "PyO3 modules do not yet support subinterpreters, see https://github.com/PyO3/pyo3/issues/576": "PyO3",
                 "module m keeps state for the whole process and is loaded in interpreter 0": "its load guard"}
        for text, by in signs.items():
            source = f"import sys\nif 'ringfence._runtime' not in sys.modules: raise ImportError({text!r})\n"
            code, out, scenarios = self.planted("refuses", source)
            self.assertEqual((code, scenarios[0]["status"], scenarios[1]["status"]), (1, "passed", "refused"), out)
            self.assertIn(f"refused by {by}: ", out)

    def test_an_extension_that_its_package_does_without_elsewhere_is_named(self):
        self.write("shy.c", SHY)
        folder = os.path.join(self.folder, "soft")
        os.makedirs(folder, exist_ok=True)
        library = building.extension(PYTHON, "_shy", [os.path.join(self.folder, "shy.c"),
                                                      os.path.join(building.RUNTIME, "src", "ringfence.c")], folder)
        shutil.copy(library, os.path.join(folder, "unused" + os.path.basename(library)[len("_shy"):]))
        self.write("soft/elsewhere.cpython-37-x86_64-linux-gnu.so", "")  # another Python's
        self.write("soft/__init__.py", "try:\n    from soft import _shy\nexcept ImportError:\n    _shy = None\n")
        code, out, scenarios = self.exercise("soft", "--gil", "shared")
        self.assertEqual((code, scenarios[0]["status"], scenarios[1]["status"]), (1, "passed", "refused"), out)
        self.assertRegex(out, "import in 0.0, refused by its load guard: ImportError: module soft._shy ")
        self.assertIn("not loaded, and so not tried: 1 of its extension files: unused.", out)

    def test_what_was_not_tried_is_named(self):
        code, out, _ = self.planted("quiet", "")
        self.assertEqual(code, 0, out)
        self.assertIn("imported only: no function of quiet was called (-c CODE or --pytest ARGS says what to run)", out)
        untried = out.splitlines()[-1]
        self.assertTrue(untried.startswith("not tried: own GIL ("), out)
        for way in ("(--concurrent)", "(--cycles 3)", "(--fork)"):
            self.assertIn(way, untried)
        code, out, _ = self.planted("quiet", "", "-c", "1", "--concurrent", "--cycles", "2", "--fork")
        self.assertNotIn("imported only", out)
        self.assertNotIn("--", out.splitlines()[-1].replace("--gil own", ""))
        self.write("quiet.py", "")
        _, out, _ = self.exercise("quiet", "--gil", "own")
        self.assertIn("not tried: shared GIL (--gil shared);", out)

    def test_after_a_refusal_comes_what_to_do(self):
        source = ("import signal\ntry: signal.signal(signal.SIGUSR2, signal.SIG_DFL)\n"
                  "except ValueError: raise ImportError('Interpreter change detected') from None\n")
        code, out, scenarios = self.planted("shy", source)
        self.assertEqual((code, [s["status"] for s in scenarios[:2]]), (1, ["passed", "refused"]), out)
        self.assertIn("python -m ringfence exercise shy --private-copy", out.splitlines()[-1])
        self.assertNotIn("--private-copy", self.planted("quiet", "")[1])

    def test_a_fault_without_the_module_is_not_its_own(self):
        self.write("killer.py", "import sys, os\nif 'ringfence._runtime' not in sys.modules: os.kill(os.getpid(), 11)\n")
        code, out, scenarios = self.planted("innocent", "import killer\n")
        self.assertEqual((code, scenarios[1]["status"]), (3, "not-judged"), out)
        self.assertIn("crash without innocent too, with its imports alone: ", scenarios[1]["reason"])
        self.assertIn("killer", scenarios[1]["reason"])
        code, _, scenarios = self.exercise("killer", "--gil", "shared")
        self.assertEqual((code, scenarios[1]["findings"][0]["kind"]), (1, "crash"))

    def test_a_fork_beside_other_interpreters_is_not_the_modules_fault(self):
        source = ("import os\ndef child():\n    pid = os.fork()\n    if pid == 0: os._exit(0)\n"
                  "    assert os.waitpid(pid, 0)[1] == 0\n")
        code, out, scenarios = self.planted("forks", source, "--interpreters", "1", "-c", "forks.child()", limit=20)
        self.assertEqual((code, [s["status"] for s in scenarios[:2]]), (3, ["passed", "not-judged"]), out)
        self.assertIn("it forked while 1 other interpreter lived", scenarios[1]["reason"])

    def test_a_hang_carries_the_stacks_of_all_threads(self):
        source = ("import threading, time\ndef waits_for_ever():\n    time.sleep(1000)\n"
                  "def hang():\n    threading.Thread(target=waits_for_ever).start()\n    while True: pass\n")
        _, out, scenarios = self.planted("stuck", source, "-c", "stuck.hang()", limit=10)
        for scenario in scenarios[:1 + OWN_GIL]:
            finding = scenario["findings"][0]
            self.assertEqual(finding["kind"], "hang", out)
            self.assertIn("in hang", finding["details"])
            self.assertIn("in waits_for_ever", finding["details"])

    def test_a_hang_in_c_that_holds_the_gil_is_where_it_was_before_the_signal(self):
        source = ("import ctypes, threading, time\nwaiting = threading.Event()\n"
                  "def waits():\n    waiting.set()\n    time.sleep(1000)\n"
                  "def hold():\n    threading.Thread(target=waits).start()\n    waiting.wait()\n    ctypes.PyDLL(None).sleep(1000)\n")
        _, out, scenarios = self.planted("holds", source, "-c", "holds.hold()", limit=10)
        for scenario in scenarios[:2]:
            finding = scenario["findings"][0]
            self.assertEqual((finding["kind"], finding["where"]), ("hang", "exec in main"), out)
            self.assertIn("in hold", finding["details"])
            self.assertIn("in waits", finding["details"])

    def is_running(self, pid):
        with contextlib.suppress(FileNotFoundError), open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
        return False

    def pid_in(self, name):
        """Of a process that leaves its number in this file."""
        path = os.path.join(self.folder, name)
        while not os.path.exists(path) or not open(path).read().endswith("\n"):
            time.sleep(0.01)
        with open(path) as file:
            return int(file.read())

    def test_what_is_left_running_is_ended(self):
        source = ("import os, pathlib, subprocess\ndef leave():\n"
                  "    left = [(pathlib.Path('left.pid'), None), (pathlib.Path('nameless.pid'), {})]\n"
                  "    for path, variables in left:\n"
                  "        path.unlink(missing_ok=True)\n"  # of the execution before
                  "        code = f'echo $$ >{path}; exec sleep 1000'\n"
                  "        subprocess.Popen(['/bin/sh', '-c', code], env=variables, start_new_session=True)\n"
                  "    while not all(path.exists() and path.read_text().endswith(chr(10)) for path, _ in left): pass\n")
        _, out, scenarios = self.planted("leaver", source, "-c", "leaver.leave()", "--interpreters", "1", "--gil", "shared")
        self.assertEqual(scenarios[0]["notes"], ["10 processes that it left running were ended"], out)  # 5 executions
        self.assertEqual([self.is_running(self.pid_in(f"{name}.pid")) for name in ("left", "nameless")], [False, False])

    def test_who_ends_the_harness_ends_its_scenarios(self):
        source = ("import subprocess, time\n"
                  "subprocess.Popen(['/bin/sh', '-c', 'echo $$ >orphan.pid; exec sleep 1000'], env={}, start_new_session=True)\n"
                  "time.sleep(1000)\n")
        self.write("waits.py", source)
        harness = subprocess.Popen([PYTHON, "-m", "ringfence", "exercise", "waits", "--limit", "1000"], cwd=self.folder)
        orphan = self.pid_in("orphan.pid")
        harness.kill()
        harness.wait()
        while self.is_running(orphan):  # ctest's limit ends this
            time.sleep(0.01)

    @unittest.skipIf(FREE, "without a GIL Python loads no single-phase module in an interpreter")
    def test_private_copies_hold_in_every_scenario(self):
        snippet = "pack.tally.add('a'); result = pack.tally.total()"
        shutil.copytree(os.path.join(self.folder, "bad"), os.path.join(self.folder, "pack"))
        self.write("pack/__init__.py", "")
        code, out, scenarios = self.exercise("pack.tally", "-c", snippet, "--private-copy", "--gil", "shared", "--cycles",
                                             "3", "--fork", "--concurrent", "--no-instances")
        self.assertEqual((code, len(scenarios)), (0, 5), out)
        code, out, scenarios = self.exercise("pack.tally", "-c", snippet, "--gil", "shared", "--cycles", "3")
        self.assertEqual((code, scenarios[2]["findings"][0]["kind"]), (1, "wrong-result"), out)


if __name__ == "__main__":
    unittest.main()
