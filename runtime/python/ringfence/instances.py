"""Whether the types of a module live as long as their instances need them: an instance of a heap type owns a reference to its
type, which the type's deallocator has to give back."""
import builtins
import gc
import sys

from ringfence import _runtime

COUNT = 1000  # instances
WARM = 20  # instances before: caches and free lists fill
ARGUMENTS = ((), ({},), ("a",), (1,), (b"a",), ([],))  # what a type is tried to be called with
VIEWS = {"iter({})": iter, "reversed({})": reversed, "{}.keys()": lambda made: made.keys(),
         "{}.values()": lambda made: made.values(), "{}.items()": lambda made: made.items()}  # types that cannot be called


class Plain:
    """Its deallocator is that of all classes that Python itself writes."""


def has_own_dealloc(cls):
    return _runtime.heap_dealloc(cls) not in (0, _runtime.heap_dealloc(Plain))


def types_of(packages):
    """The heap types that these packages offer by name, and that have a deallocator of their own. Others come from instances
    of these (VIEWS): to call one may be more than its author thought of."""
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in packages]
    named = {id(value): value for module in modules for name, value in list(getattr(module, "__dict__", {}).items())
             if isinstance(value, type) and not str(name).startswith("_")}
    return sorted((cls for cls in named.values() if has_own_dealloc(cls) and not is_imported(cls, packages)), key=name_of)


def is_imported(cls, packages):
    """Where a spec's name has no dot, the type says that it is of builtins; and some name a module that is none."""
    home = str(cls.__module__).partition(".")[0]
    if home == "builtins":
        return getattr(builtins, cls.__name__, None) is cls
    return home in sys.modules and home not in packages


def name_of(cls):
    return f"{cls.__module__}.{cls.__qualname__}"


def maker(cls):
    """(how it is called, a function that makes an instance), None where none of ARGUMENTS will do."""
    for arguments in ARGUMENTS:
        try:
            cls(*arguments)
        except Exception:  # whatever a constructor says of arguments
            continue
        return f"{name_of(cls)}({', '.join(map(repr, arguments))})", lambda: cls(*arguments)
    return None


def viewers(shown, make):
    """As maker, for what an instance hands out: [(how, function, type)]."""
    for how, view in VIEWS.items():
        try:
            cls = type(view(make()))
        except Exception:  # it has none
            continue
        if has_own_dealloc(cls):
            yield how.format(shown), lambda view=view: view(make()), cls


def leak(shown, make, cls):
    """A sentence, "" where the type's references are as they were."""
    for _ in range(WARM):
        make()
    gc.collect()
    before = sys.getrefcount(cls)
    for _ in range(COUNT):
        make()
    gc.collect()
    more = sys.getrefcount(cls) - before
    if abs(more) < COUNT // 2:
        return ""
    return f"{COUNT} times {shown} left {abs(more)} references to {name_of(cls)} too {'many' if more > 0 else 'few'}"
