"""Private copies: each interpreter loads a copy of a module's shared objects, and with it statics of its own."""
import importlib
import importlib.machinery
import os
import sys
import sysconfig

from ringfence import _runtime


class PrivateLoader(importlib.machinery.ExtensionFileLoader):
    """Loads a copy of an extension module instead of the file itself."""

    def create_module(self, spec):
        return _runtime.private_create(spec.name, spec.origin, spec)

    def exec_module(self, module):
        _runtime.private_exec(module)


class PrivateFinder:
    """Finds what the path finder finds, with copies for the extension modules of the chosen packages."""

    def __init__(self):
        self.names = set()

    def find_spec(self, fullname, path=None, target=None):
        if not any(fullname == name or fullname.startswith(name + ".") for name in self.names):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec and isinstance(spec.loader, importlib.machinery.ExtensionFileLoader):
            spec.loader = PrivateLoader(spec.name, spec.origin)
        return spec


def load_private(name, *more):
    """Imports `name` in this interpreter with private copies of its extension modules, and returns it. Extension modules
    that it keeps elsewhere (`_name` beside the package `name`) are named as further arguments."""
    if not sys.platform.startswith("linux"):
        raise NotImplementedError("private copies need Linux")
    names = {name, *more}
    taken = sorted(loaded for loaded in sys.modules if loaded in names or loaded.startswith(tuple(n + "." for n in names)))
    finder = next((f for f in sys.meta_path if isinstance(f, PrivateFinder)), None)
    if finder is None:
        finder = PrivateFinder()
        sys.meta_path.insert(0, finder)
    shared = [n for n in taken if not isinstance(getattr(sys.modules[n].__spec__, "loader", None), PrivateLoader)
              and getattr(sys.modules[n], "__file__", None) and not sys.modules[n].__file__.endswith(".py")]
    if shared:
        raise ImportError(f"{', '.join(shared)} was imported in this interpreter without a private copy")
    finder.names |= names
    return importlib.import_module(name)


def loaded_beside():
    """The names of the extension modules that were loaded without a copy, Python's own and this package's left out."""
    own = tuple(os.path.join(sysconfig.get_path(name), "lib-dynload") for name in ("stdlib", "platstdlib"))
    loaded = [name for name, module in list(sys.modules.items())
              if type(getattr(getattr(module, "__spec__", None), "loader", None)) is importlib.machinery.ExtensionFileLoader
              and not (module.__spec__.origin or "").startswith(own)]
    return sorted(name for name in loaded if name.partition(".")[0] != "ringfence")
