"""The watch: which of a module's global objects change, and which hold another interpreter's objects.

    from ringfence import runtime
    runtime.watch("tally.manifest.json", "tally", mode="raise")   # before the import
    import tally
    runtime.step("import")                                        # compares; runtime.WatchError where it found something

Modes: off, report (runtime.reports() returns what was found), raise, abort."""
import importlib.machinery
import importlib.util
import json
import os

from ringfence import _runtime

MODES = ("off", "report", "raise", "abort")


class WatchError(RuntimeError):
    """A watched object changed, or holds an object of another interpreter."""


def extension_files(module):
    """The shared objects of a module or package. It is not imported; the packages around it are."""
    spec = importlib.util.find_spec(module)
    if spec is None:
        return []
    suffixes = tuple(importlib.machinery.EXTENSION_SUFFIXES)
    files = [spec.origin] if spec.origin and spec.origin.endswith(suffixes) else []
    for folder in spec.submodule_search_locations or ():
        for root, _, names in os.walk(folder):
            files += [os.path.join(root, name) for name in names if name.endswith(suffixes)]
    return sorted(files)


def watch_manifest(manifest, module):
    """Watches what the manifest lists of the module's shared objects, which are loaded but not initialised. Returns what
    went wrong, as sentences."""
    with open(manifest, encoding="utf-8") as file:
        listed = {os.path.basename(entry["file"]) for entry in json.load(file)["files"]}
    problems, found = [], False
    for path in extension_files(module):
        if os.path.basename(path) in listed:
            found = True
            try:
                _runtime.watch_manifest(manifest, path)
            except (OSError, ValueError) as error:
                problems.append(str(error))
    if not found:
        problems.append(f"{manifest} lists no shared object of {module}: nothing is watched")
    return problems


def watch(manifest, module, mode="report"):
    """As watch_manifest, with a mode, and an exception where something went wrong."""
    set_mode(mode)
    problems = watch_manifest(manifest, module)
    if problems:
        raise ValueError("; ".join(problems))


def set_mode(mode):
    _runtime.watch_set_mode(MODES.index(mode))


def step(name):
    """Compares the watched objects with the step before, on behalf of the current interpreter. Returns how many violations
    are new; in mode raise they are a WatchError."""
    try:
        return _runtime.watch_step(name)
    except RuntimeError as error:
        raise WatchError(str(error)) from None


def reports():
    """The violations since the last call, oldest first, as dictionaries."""
    return _runtime.watch_take_reports()
