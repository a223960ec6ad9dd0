"""The Pythons of this machine, and environments of each."""
import glob
import json
import os
import subprocess

FIRST, LAST = (3, 9), (3, 14)
PROBE = """
import json, os, sys, sysconfig
print(json.dumps({
    "version": list(sys.version_info[:3]), "real": os.path.realpath(sys.executable), "suffix": sysconfig.get_config_var("EXT_SUFFIX"),
    "headers": os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")),
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED"))}))
"""


class Failed(Exception):
    """A step could not be done; the message says which and why."""


class Python:
    def __init__(self, executable):
        shown = subprocess.run([executable, "-I", "-c", PROBE], capture_output=True, text=True, timeout=30, check=True)
        facts = json.loads(shown.stdout)
        self.executable, self.real, self.suffix = executable, facts["real"], facts["suffix"]
        self.version, self.free_threaded = tuple(facts["version"]), facts["free_threaded"]
        self.usable = facts["headers"] and FIRST <= self.version[:2] <= LAST

    @property
    def name(self):
        return ".".join(map(str, self.version)) + ("t" if self.free_threaded else "")

    @property
    def own_gil(self):
        return self.version >= (3, 12) and not self.free_threaded


def candidates():
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if "shims" not in folder:  # pyenv's wrappers
            yield from sorted(glob.glob(os.path.join(folder, "python3")) + glob.glob(os.path.join(folder, "python3.*[0-9t]")))
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    yield from sorted(glob.glob(os.path.join(root, "versions", "*", "bin", "python")))


def find(named):
    """The Pythons that were named, else the newest patch of each that has headers; the oldest first."""
    found = {}
    for executable in named or candidates():
        try:
            python = Python(executable)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            if named:
                raise ValueError(f"{executable} is no Python that runs: {error}") from None
            continue
        key = python.version[:2] + (python.free_threaded,)
        if named and not python.usable:
            raise ValueError(f"{executable}: needs Python 3.9 to 3.14 with headers")
        if python.usable and (key not in found or found[key].version < python.version):
            found[key] = python
    return [found[key] for key in sorted(found)]


class Environment:
    """A virtual environment for one tree on one Python. What both trees want is installed once, in an environment that
    theirs see (`base`)."""

    def __init__(self, runner, python, folder, tree):
        self.runner, self.python, self.folder, self.tree = runner, python, folder, tree
        self.executable = folder / "bin/python"
        self.paths = []  # that a build in place leaves to us

    def make(self, base=None):
        made = self.runner.run([self.python.executable, "-m", "venv", *(["--without-pip"] if base else []), self.folder],
                               self.runner.folder)
        if made.code != 0:
            raise Failed(f"no virtual environment: {last_line(made.output)}")
        if base:
            packages, = base.folder.glob("lib/python*/site-packages")
            (self.folder / packages.relative_to(base.folder) / "base.pth").write_text(
                f"import site; site.addsitedir({str(packages)!r})\n", encoding="utf-8")  # with its own .pth files
            self.take_scripts(base)

    def take_scripts(self, base):
        """What pip installed to be run, for this environment's Python."""
        for script in (base.folder / "bin").iterdir():
            own = self.folder / "bin" / script.name
            if own.exists() or script.is_symlink() or not script.read_bytes().startswith(b"#!"):
                continue
            own.write_bytes(script.read_bytes().replace(str(base.executable.parent).encode(), str(own.parent).encode(), 1))
            own.chmod(0o755)

    def install(self, requires):
        installed = self.run([self.executable, "-m", "pip", "install", "-q", *requires])
        if installed.code != 0:
            raise Failed(f"pip cannot install {' '.join(map(str, requires))}: {last_line(installed.output)}")

    def run(self, command, limit=None, **variables):
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        if self.paths:
            variables.setdefault("PYTHONPATH", os.pathsep.join(map(str, self.paths)))
        return self.runner.run(command, self.tree, limit, PATH=path, VIRTUAL_ENV=str(self.folder), PYTHONFAULTHANDLER="1", **variables)


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR", "error"))]
    return (errors or lines or ["it said nothing"])[-1]
