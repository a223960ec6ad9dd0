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

# An extension module that needs no headers and is compiled for any platform: PyModuleDef is laid out as in Python with a GIL
# (Include/moduleobject.h).
FOREIGN_MODULE = """
#ifndef EXPORT
#define EXPORT
#endif
typedef __PTRDIFF_TYPE__ word;
struct slot { int id; void *value; };
struct def { word refs; void *type, *init; word index; void *copy; const char *name, *doc; word size;
             void *methods; struct slot *slots; void *traverse, *clear, *free; };
extern void *PyModuleDef_Init(struct def *);
static int exec_it(void *m) { return m == 0; }
static struct slot slots[] = {{2, (void *)exec_it}, {3, (void *)2}, {4, (void *)1}, {0, 0}};
static struct def def = {1, 0, 0, 0, 0, "foreign", 0, 16, 0, slots, 0, 0, 0};
EXPORT void *PyInit_foreign(void) { return PyModuleDef_Init(&def); }
"""

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
