"""The harness on the example extension and on modules that hang, crash and eat memory.

    RINGFENCE_TEST_PYTHON=EXE python3 test_exercise.py"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import building

PYTHON = os.environ.get("RINGFENCE_TEST_PYTHON", sys.executable)
SNIPPET = """
tally.add("a")
result = tally.total()
try:
    tally.add("")
except tally.Error:
    pass
"""
OWN_GIL = subprocess.run([PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 12))"]).returncode == 0


class Exercise(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = cls.scratch.name
        building.runtime_package(PYTHON, cls.folder)
        for which in ("bad", "repaired"):
            building.tally(PYTHON, which, os.path.join(cls.folder, which))

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def exercise(self, module, *arguments):
        """(exit code, evidence)"""
        out = os.path.join(self.folder, "out.json")
        command = [PYTHON, "-m", "ringfence", "exercise", module, *arguments, "--json", out]
        if os.path.exists(out):
            os.remove(out)
        code = subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL).returncode
        with open(out) as file:
            return code, json.load(file)

    def planted(self, module, source, *arguments):
        """What each scenario of a planted Python module found: [[kind]]."""
        with open(os.path.join(self.folder, module + ".py"), "w") as file:
            file.write(source)
        code, evidence = self.exercise(module, "--gil", "shared", "--limit", "60", "--no-instances", *arguments)
        self.assertEqual(code, 1)
        return [[finding["kind"] for finding in scenario["findings"]] for scenario in evidence["scenarios"]]

    def test_bad_extension_gives_wrong_results(self):
        code, evidence = self.exercise("tally", "-c", SNIPPET, "--path", "bad", "--gil", "shared", "--cycles", "3",
                                       "--no-instances")
        self.assertEqual(code, 1)
        alone, sequence, cycles = evidence["scenarios"]
        self.assertEqual(alone["findings"], [])
        expected = "import-refused" if building.free_threaded(PYTHON) else "wrong-result"
        self.assertIn(expected, [f["kind"] for f in sequence["findings"]])
        self.assertIn("wrong-result", [f["kind"] for f in cycles["findings"]])

    def test_what_an_audit_found_is_run(self):
        """With a stand-in for the analyser, which prints what it says of the modules here."""
        def library(folder, name, abi=None, outcome="loads"):
            answers = {"shared-gil": {"outcome": outcome}, "own-gil": {"outcome": outcome}}
            return {"file": os.path.join(self.folder, folder, "tally.so"), "abi": abi, "modules": [{"import": name, "answers": answers}]}
        bin_folder = os.path.join(self.folder, "bin")
        os.makedirs(bin_folder, exist_ok=True)
        report = os.path.join(bin_folder, "report.json")
        with open(report, "w") as file:
            json.dump({"libraries": [library("repaired", "tally"), library("x", "foreign", "cp27")]}, file)
        with open(os.path.join(bin_folder, "ringfence"), "w") as file:
            file.write(f'#!/bin/sh\ncase "$*" in "audit --profile own-gil PLACE --format json") cat {report};; *) exit 2;; esac\n')
        os.chmod(file.name, 0o755)
        command = [PYTHON, "-m", "ringfence", "audit", "--exercise", "--profile", "own-gil", "PLACE"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True,
                              env={**os.environ, "PATH": bin_folder + os.pathsep + os.environ["PATH"]})
        lines = done.stdout.splitlines()
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr) # one is left out
        self.assertRegex(lines[0], r"^tally: clean  \(--gil shared")
        self.assertRegex(lines[-1], r"^foreign: left out: it is for cp27, this Python is cp3")

    @unittest.skipUnless(OWN_GIL, "needs Python 3.12")
    def test_single_phase_init_is_refused_under_own_gil(self):
        _, evidence = self.exercise("tally", "--path", "bad", "--gil", "own")
        self.assertEqual({f["kind"] for f in evidence["scenarios"][1]["findings"]}, {"import-refused"})

    def test_repaired_extension_passes_everywhere(self):
        code, evidence = self.exercise("tally", "-c", SNIPPET, "--path", "repaired", "--concurrent", "--cycles", "4",
                                       "--fork", "--repeat", "2")
        self.assertEqual((code, [s["findings"] for s in evidence["scenarios"] if s["findings"]]), (0, []))
        self.assertEqual(len(evidence["scenarios"]), 8 if OWN_GIL else 6)  # without a GIL, threads take the place of instances

    def test_hang_is_one_finding_and_the_run_goes_on(self):
        self.assertEqual(self.planted("hangs", "def wait():\n    while True: pass\n", "-c", "hangs.wait()", "--limit", "10"),
                         [["hang"], ["hang"]])

    def test_endless_import_is_one_finding(self):
        self.assertEqual(self.planted("endless", "while True: pass\n", "--limit", "4"), [["hang"], ["hang"]])

    def test_crash_is_one_finding(self):
        self.assertEqual(self.planted("crashes", "import os\n", "-c", "os = crashes.os; os.kill(os.getpid(), 11)"),
                         [["crash"], ["crash"]])

    def test_cycles_find_live_thread_locals(self):
        building.extension(PYTHON, "thread_local", [os.path.join(building.ROOT, "tests", "runtime", "thread_local.cc")], self.folder,
                           compiler=[os.environ.get("CXX", "c++"), "-std=c++17"])
        code, evidence = self.exercise("thread_local", "--gil", "shared", "--cycles", "3", "-c", "thread_local.use()", "--no-instances")
        self.assertEqual((code, [s["findings"] for s in evidence["scenarios"]]), (0, [[], [], []]))

    def test_lack_of_memory_is_one_finding(self):
        source = "def eat():\n    kept = []\n    while True: kept.append(bytearray(1 << 28))\n"
        kinds = self.planted("eats", source, "-c", "eats.eat()", "--memory", "512", "--interpreters", "1")
        self.assertEqual(kinds[0], ["out-of-memory"])
        if not building.free_threaded(PYTHON):  # where a second interpreter alone takes more: the control run says so
            self.assertEqual(set(kinds[1]), {"out-of-memory"})  # in the main interpreter and in the other one

    @unittest.skipIf(building.free_threaded(PYTHON), "without a GIL each thread counts references for itself")
    def test_a_thousand_instances_leave_the_count_of_references_to_their_type_as_it_was(self):
        building.extension(PYTHON, "leaky", [os.path.join(building.ROOT, "tests", "runtime", "leaky.c")], self.folder)
        code, evidence = self.exercise("leaky", "--gil", "shared")
        scenario = evidence["scenarios"][-1]
        self.assertEqual((code, scenario["name"], {f["kind"] for f in scenario["findings"]}), (1, "instances", {"leak"}))
        messages = [finding["message"] for finding in scenario["findings"]]
        self.assertEqual([message.partition(" too ")[0] for message in messages],
                         ["1000 times iter(leaky.Box()) left 1000 references to leaky.Hidden",
                          "1000 times leaky.Leaky() left 1000 references to leaky.Leaky"])
        self.assertEqual(scenario["notes"], ["no instance could be made of leaky.Shy"])
        code, evidence = self.exercise("leaky", "--gil", "shared", "--no-instances")
        self.assertEqual((code, len(evidence["scenarios"])), (0, 2))

    @unittest.skipIf(subprocess.run([PYTHON, "-c", "import pytest"], capture_output=True).returncode, "no pytest")
    def test_pytest_instead_of_a_snippet(self):
        with open(os.path.join(self.folder, "test_tally.py"), "w") as file:
            file.write("import sys, tally\n"
                       "def test_total_counts_the_runs_of_this_interpreter():\n"
                       "    sys.runs = getattr(sys, 'runs', 0) + 1\n"
                       "    tally.add('a')\n"
                       "    assert tally.total() == sys.runs\n")
        for which, expected in (("repaired", 0), ("bad", 1)):
            code, evidence = self.exercise("tally", "--path", which, "--gil", "shared", "--pytest", "-q test_tally.py")
            self.assertEqual((code, evidence["scenarios"][0]["findings"]), (expected, []), which)
        messages = [finding["message"] for finding in evidence["scenarios"][1]["findings"]]
        self.assertTrue(any("pytest ended with" in message for message in messages), messages)

    def test_usage_errors(self):
        for arguments in (["no module"], ["tally", "--gil", "some"], ["tally", "--interpreters", "0"], ["tally", "--limit", "0"],
                          ["tally", "--limit", "nan"], ["tally", "-c", "x = = 1"], ["tally", "--path", "absent"],
                          ["tally", "--json", "absent/out.json"], ["tally", "--also", "json"]):
            run = subprocess.run([PYTHON, "-m", "ringfence", "exercise", *arguments], cwd=self.folder,
                                 capture_output=True)
            self.assertEqual(run.returncode, 2, arguments)

    @unittest.skipIf(OWN_GIL, "only where interpreters share one GIL")
    def test_scenario_that_was_asked_for_and_cannot_run_is_exit_code_3(self):
        code, evidence = self.exercise("tally", "--path", "repaired", "--gil", "own")
        self.assertEqual((code, evidence["left_out"][0]["reason"]), (3, "needs Python 3.12"))


if __name__ == "__main__":
    unittest.main()
