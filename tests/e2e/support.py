"""What the end-to-end tests share: the program under test, scans as data, public trees.

ctest sets RINGFENCE to the program; without it, the release build is taken.
"""

import json
import os
import pathlib
import subprocess
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = PROJECT / "fixtures"
CORPORA = pathlib.Path(os.environ.get("RINGFENCE_CORPORA", PROJECT / "corpora")).resolve()

os.environ.setdefault("RINGFENCE_CACHE", "")  # no test rests on what another run left


def ringfence():
    """The program's path; skips the test where it is not built."""
    program = pathlib.Path(os.environ.get("RINGFENCE", PROJECT / "build/release/ringfence"))
    if not program.exists():
        raise unittest.SkipTest(f"{program} is not built")
    return program


def run(*arguments, cwd=None, timeout=600):
    """Runs the program; the result has returncode, stdout and stderr (text)."""
    command = [ringfence(), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, errors="surrogateescape",
                          stdin=subprocess.DEVNULL, timeout=timeout, check=False)


def scan(*arguments, cwd=None, timeout=600):
    """The JSON report of a scan. An incomplete analysis (exit code 3) is a failure unless --allow-incomplete is given."""
    done = run("scan", "--format", "json", *arguments, cwd=cwd, timeout=timeout)
    if done.returncode != 0:
        raise AssertionError(f"scan ended with {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def corpus(name):
    """The folder of a public tree (scripts/corpus); fetches it, or skips the test where that fails."""
    done = subprocess.run([PROJECT / "scripts/corpus", "fetch", name], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise unittest.SkipTest(f"the public tree {name} cannot be fetched: {done.stderr.strip()}")
    return CORPORA / name


def large_corpus(name):
    """As corpus(), for a tree that takes minutes to build: only where it is ready, or RINGFENCE_LARGE_CORPORA is set."""
    if not (CORPORA / name / ".ready").exists() and not os.environ.get("RINGFENCE_LARGE_CORPORA"):
        raise unittest.SkipTest(f"{name} is large: run scripts/corpus fetch {name}, or set RINGFENCE_LARGE_CORPORA")
    return corpus(name)
