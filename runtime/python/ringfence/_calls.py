"""Functions on their way to another interpreter: by name, or where they have none there, by their code."""
import functools
import marshal
import os
import sys
import types

from ringfence import _names, _runtime
from ringfence._runtime import Mark

NAMED = (types.FunctionType, types.BuiltinFunctionType, type)


def describe(function):
    """A value that `find` makes the function of again. TypeError where it cannot be passed."""
    if isinstance(function, Mark):
        return ("object", function)
    if isinstance(function, functools.partial):
        return ("partial", describe(function.func), function.args, tuple(function.keywords.items()))
    name = _names.name_of(function)
    if name and name.partition(":")[0] not in ("__main__", "__mp_main__"):
        return ("name", name)
    main = main_file()
    if name and main:
        return ("main", main, name)
    if isinstance(function, types.FunctionType):
        return ("code", by_code(function, set()))
    owner = owner_of_method(function)
    if owner is not None:
        return ("method", owner, function.__name__)
    raise TypeError(f"{function!r} cannot be called in another interpreter: it can be found there neither by its name nor "
                    "as a plain function; pickled(...) passes what pickle can")


def owner_of_method(method):
    """As `describe`, for the object that a method is bound to: a value that can be passed, or a class. None: there is none."""
    owner = getattr(method, "__self__", None)
    if isinstance(owner, type):
        return describe(owner)
    return ("object", owner) if owner is not None and _runtime.passable(owner) else None


def name_of_definition(definition):
    """As `describe`, for an object that stands where its function was defined; None where it is not found there."""
    name = _names.name_of(definition)
    if name is None:
        return None
    if name.partition(":")[0] not in ("__main__", "__mp_main__"):
        return ("name", name)
    main = main_file()
    return ("main", main, name) if main else None


def main_file():
    """Where the program's main module comes from, "" where it cannot be loaded again (python -c, an interactive one)."""
    main = _names.main_module()
    path = getattr(main, "__file__", None)
    if path and os.path.exists(path) and not hasattr(sys.modules["__main__"], "__ringfence_worker__"):
        return os.path.abspath(path)
    return getattr(sys.modules["__main__"], "__ringfence_main__", "")


def by_code(function, seen):
    """The code with the values that it closes over, and of the globals that it names the modules, functions and classes."""
    seen.add(function.__name__)
    cells = tuple(cell.cell_contents for cell in function.__closure__ or ())
    found = []
    for name in sorted(names_in(function.__code__)):
        value = function.__globals__.get(name)
        if isinstance(value, types.ModuleType):
            found.append((name, "module", value.__name__))
        elif isinstance(value, NAMED) and name not in seen:
            own = _names.name_of(value)
            if own and value.__module__ not in ("__main__", "__mp_main__"):
                found.append((name, "name", own))
            elif isinstance(value, types.FunctionType):
                found.append((name, "code", by_code(value, seen)))
    return (marshal.dumps(function.__code__), function.__name__, function.__defaults__,
            tuple((function.__kwdefaults__ or {}).items()), cells, tuple(found))


def names_in(code):
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= names_in(constant)
    return names


def find(described):
    """In the interpreter that calls it."""
    kind = described[0]
    if kind == "object":
        return described[1]
    if kind == "partial":
        return functools.partial(find(described[1]), *described[2], **dict(described[3]))
    if kind == "method":
        return getattr(find(described[1]), described[2])
    if kind == "name":
        return _names.resolve(described[1])
    if kind == "main":
        load_main(described[1])
        return _names.resolve(described[2])
    return make(described[1], sys.modules["__main__"].__dict__)


def make(described, names):
    code, name, defaults, keywords, cells, found = described
    for other, kind, value in found:
        if kind == "module":
            __import__(value)
            names.setdefault(other, sys.modules[value])
        else:
            names[other] = _names.resolve(value) if kind == "name" else make(value, names)
    function = types.FunctionType(marshal.loads(code), names, name, defaults, tuple(types.CellType(cell) for cell in cells))
    function.__kwdefaults__ = dict(keywords) or None
    return function


def load_main(path):
    """Runs the program's main file as the module __mp_main__, once in each interpreter."""
    main = sys.modules["__main__"]
    if "__mp_main__" in sys.modules or getattr(main, "__file__", None) == path:
        return
    import runpy
    module = types.ModuleType("__mp_main__")
    main.__ringfence_main__ = path
    sys.modules["__mp_main__"] = module
    main.__ringfence_loading__ = True
    try:
        module.__dict__.update(runpy.run_path(path, run_name="__mp_main__"))
    except BaseException:
        del sys.modules["__mp_main__"]
        raise
    finally:
        del main.__ringfence_loading__
    for value in list(module.__dict__.values()):
        if isinstance(value, types.FunctionType) and value.__module__ == "__mp_main__":
            module.__dict__.setdefault(value.__name__, value)
