"""Compile units of a database as clang-19 commands: what scripts/bench and scripts/oracle share, with how
scripts/bench measures.

A command keeps what decides the meaning of the source (defines, include folders, language, code model) and loses what
concerns output and warnings, and every option that Clang refuses. The optimisation is kept apart: it decides which
objects an object file has, and which branches of headers are read.
"""

import dataclasses
import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time

CLANG = "clang-19"
PROJECT = pathlib.Path(__file__).resolve().parents[2]
CORPORA = pathlib.Path(os.environ.get("RINGFENCE_CORPORA", PROJECT / "corpora")).resolve()

# Options that are left out, with and without an argument of their own.
LEFT_OUT_WITH_ARGUMENT = {"-o", "-MF", "-MQ", "-MT"}
LEFT_OUT = re.compile(r"-c|-S|-g.*|-O.*|-M.*|-W(?!p,).*|-flto.*|-pipe|-save-temps.*|-shared")
SOURCE_SUFFIXES = {".c", ".C", ".cc", ".cpp", ".cxx", ".c++"}


@dataclasses.dataclass(frozen=True)
class Unit:
    file: pathlib.Path  # absolute
    directory: pathlib.Path
    arguments: tuple[str, ...]  # for CLANG; without input and output
    optimisation: str  # "-O3"; empty where the recorded command says nothing

    def command(self, *arguments):
        return [CLANG, *self.arguments, "-w", *arguments, str(self.file)]

    def syntax_command(self):
        """Reads the text that the build reads: headers ask for __OPTIMIZE__, which the level defines."""
        return self.command(*filter(None, [self.optimisation]), "-fsyntax-only")


def absolute(directory, path):
    return pathlib.Path(os.path.normpath(directory / path))


def clang_arguments(command, directory, file):
    """The arguments of a recorded command that matter to Clang."""
    # A launcher ("ccache gcc") is a word more before the first option.
    start = next((at for at, word in enumerate(command) if at > 0 and word.startswith("-")), 1)
    kept = ["--driver-mode=g++"] if re.search(r"\+\+(-[0-9.]+)?$", command[start - 1]) else []
    words = iter(command[start:])
    for word in words:
        if word in LEFT_OUT_WITH_ARGUMENT:
            next(words, None)
        elif not LEFT_OUT.fullmatch(word) and (word.startswith("-") or absolute(directory, word) != file):
            kept.append(word)
    return accepted(tuple(kept), directory)


@functools.cache
def accepted(arguments, directory):
    """Without the options that Clang's driver refuses."""
    while True:
        check = [CLANG, "-###", "-fsyntax-only", *arguments, "-x", "c", "/dev/null"]
        done = subprocess.run(check, cwd=directory, capture_output=True, text=True, check=False)
        refused = set(re.findall(r"error: un(?:known|supported) (?:argument|option):? '([^']+)'", done.stderr))
        remaining = tuple(argument for argument in arguments if argument not in refused)
        if remaining == arguments:
            return arguments
        arguments = remaining


def load(database):
    """The C and C++ units of a compile_commands.json, one for each file, in the order of their paths."""
    units = {}
    for entry in json.loads(pathlib.Path(database).read_text()):
        directory = pathlib.Path(entry["directory"])
        file = absolute(directory, entry["file"])
        if file.suffix not in SOURCE_SUFFIXES:
            continue
        command = entry.get("arguments") or shlex.split(entry["command"])
        level = next((word for word in reversed(command) if re.fullmatch(r"-O([0-3sg]|fast)?", word)), "")
        units.setdefault(file, Unit(file, directory, clang_arguments(command, directory, file), level))
    return [units[file] for file in sorted(units)]


def measured(command, cwd=None):
    """Runs a command to its end: (exit code, user CPU seconds, peak resident MiB, wall seconds)."""
    start = time.monotonic()
    with subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_utime, usage.ru_maxrss / 1024, time.monotonic() - start


def measured_scan(program, root, database, *arguments):
    """A scan of a tree, as measured(), without the exit code; ends this script where it fails."""
    command = [program, "scan", root, "-p", database, "--allow-incomplete", "--quiet", "--format", "json", *arguments]
    code, *figures = measured(command, root if root.is_dir() else root.parent)
    if code != 0:
        sys.exit(f"the scan ended with {code}: {' '.join(map(str, command))}")
    return figures


def copy_tree(tree, folder):
    """Copies a public tree and its build to a new folder; the entries of the copy's compile database."""
    ready_tree(tree)
    shutil.copytree(CORPORA / tree, folder, symlinks=True)
    text = (folder / "build/compile_commands.json").read_text()
    return json.loads(re.sub(re.escape(str(CORPORA / tree)) + r"(?=[/\"\\ ])", str(folder), text))


def ready_tree(tree):
    """tree_folders(), or the end of this script where the tree is not there."""
    root, database = tree_folders(tree)
    if not database.exists():
        sys.exit(f"{tree} is not ready; run scripts/corpus fetch {tree}")
    return root, database


def tree_folders(tree):
    """(root to scan, compile database) of a public tree's name."""
    folder = CORPORA / tree
    return folder / "src", folder / "build/compile_commands.json"
