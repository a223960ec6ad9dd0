"""Runs one test of a pytest file in the current interpreter, without pytest: what the plugin's snippets call."""
import asyncio
import importlib
import importlib.util
import inspect
import sys
import types

SKIPPED = "skipped itself: "
SKIPS = ("builtins.Skipped", "unittest.case.SkipTest")  # as pytest names its own


class Mark:
    """pytest.mark and every mark of it: none of them means anything here."""

    def __getattr__(self, name):
        return self

    def __call__(self, *arguments, **keywords):
        plain = len(arguments) == 1 and not keywords and (inspect.isfunction(arguments[0]) or inspect.isclass(arguments[0]))
        return arguments[0] if plain else self


class LazyPytest(types.ModuleType):
    """Stands for pytest, which takes long to import, until something besides its marks is asked for."""

    mark = Mark()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get("pytest") is self:
            del sys.modules["pytest"]
        return getattr(importlib.import_module("pytest"), name)


def load(name, path):
    sys.modules.setdefault("pytest", LazyPytest("pytest"))
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        set_up(module, "setup_module", module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def call(name, path, names):
    """Runs the test that is found by these names, of classes and at last its own. None, or why it skipped itself."""
    owner = sys.modules.get(name) or load(name, path)
    *classes, function = names
    for each in classes:
        owner = getattr(owner, each)
    try:
        if hasattr(owner, "setUpClass"):  # of unittest
            importlib.import_module("unittest").TestSuite([owner(function)]).debug()
        elif classes:
            around(owner, "class", lambda: call_method(owner(), function))
        else:
            test = getattr(owner, function)
            around(owner, "function", lambda: finish(test()), test)
    except BaseException as error:  # pytest's own is no Exception
        if not is_skip(error):
            raise
        return f"{SKIPPED}{error}"
    return None


def call_method(instance, name):
    method = getattr(instance, name)
    around(instance, "method", lambda: finish(method()), method)


def around(owner, what, run, *arguments):
    """Between the functions with which pytest's older tests set up and tear down."""
    try:
        set_up(owner, f"setup_{what}", *arguments)
        run()
    finally:
        set_up(owner, f"teardown_{what}", *arguments)


def set_up(owner, name, *arguments):
    function = getattr(owner, name, None)
    if function:
        function(*arguments[:len(inspect.signature(function).parameters)])


def finish(result):
    if inspect.iscoroutine(result):
        asyncio.run(result)


def is_skip(error):
    return any(f"{each.__module__}.{each.__qualname__}" in SKIPS for each in type(error).__mro__)
