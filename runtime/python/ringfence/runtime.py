"""The watch: which of a module's global objects change, and which hold another interpreter's objects.

    from ringfence import runtime
    runtime.watch("tally.manifest.json", "tally", mode="raise")   # before the import
    import tally
    runtime.step("import")                                        # compares; runtime.WatchError where it found something

Modes: off, report (runtime.reports() returns what was found), raise, abort."""
import importlib.machinery
import importlib.util
import os

from ringfence import _runtime, manifest as manifests

MODES = ("off", "report", "raise", "abort")


class WatchError(RuntimeError):
    """A watched object changed, or holds an object of another interpreter."""


def extension_files(module):
    """The shared objects of a module or package. It is not imported; the packages around it are."""
    try:
        spec = importlib.util.find_spec(module)
    except ValueError:  # it was imported, and has put something else in its place
        spec = None
    if spec is None:
        return []
    files = [spec.origin] if is_extension_file(spec.origin) else []
    for folder in spec.submodule_search_locations or ():
        for root, _, names in os.walk(folder):
            files += [os.path.join(root, name) for name in names if is_extension_file(name)]
    return sorted(files)


def is_extension_file(path):
    """Of this Python: a name with another one's tag ends with the plain suffix alone."""
    name = os.path.basename(path) if isinstance(path, str) else ""
    return any(name.endswith(suffix) and "." not in name[:-len(suffix)] for suffix in importlib.machinery.EXTENSION_SUFFIXES)


def watch_manifest(manifest, module):
    """Watches what the manifest lists of the module's shared objects, which are loaded but not initialised. Returns what
    went wrong, as sentences."""
    return watch_files(manifests.load(manifest), module)


def watch_files(listed, module):
    """As watch_manifest, with what manifest.load returned."""
    files = extension_files(module)
    if not files:
        return [f"{module} has no shared object that could be watched"]
    known = {name for name, _, _ in listed}
    found = [path for path in files if os.path.basename(path) in known]
    if not found:
        return [f"the manifest lists no shared object of {module}"]
    return list(filter(None, (watch_file(listed, path) for path in found)))


def watch_file(listed, path):
    """Files of one name are told apart by their build ids. What went wrong, None where nothing did."""
    for name, build_id, objects in listed:
        if name == os.path.basename(path):
            try:
                _runtime.watch_open(path, build_id, objects)
                return None
            except (OSError, ValueError) as error:
                problem = str(error)
    return problem


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
