"""Functions and types by name, module:qualified.name, for what is passed between interpreters."""
import importlib
import sys
import types

METHODS = (types.MethodType, types.BuiltinMethodType)


def main_module():
    """The module that functions of the program's main file belong to: in other interpreters it is loaded under the name
    __mp_main__, as multiprocessing does, so that `if __name__ == "__main__"` holds only once."""
    return sys.modules.get("__mp_main__") or sys.modules["__main__"]


def resolve(name):
    module_name, _, qualified = name.partition(":")
    found = main_module() if module_name in ("__main__", "__mp_main__") else importlib.import_module(module_name)
    for part in qualified.split("."):
        found = getattr(found, part)
    return found


def name_of(target):
    """module:qualified.name of what resolve would find again; None where it would not find the same."""
    module = getattr(target, "__module__", None) or getattr(getattr(target, "__self__", None), "__module__", None)
    qualified = getattr(target, "__qualname__", None)
    if not module or not qualified or "<" in qualified:
        return None
    name = f"{module}:{qualified}"
    try:
        found = resolve(name)
    except (ImportError, AttributeError, KeyError):
        return None
    same = found is target or isinstance(target, METHODS) and found == target  # made anew by each look
    return name if same else None
