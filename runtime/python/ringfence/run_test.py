"""Runs one test of a pytest file in the current interpreter, without pytest: what the plugin's snippets call."""
import asyncio
import importlib
import importlib.util
import inspect
import sys
import types


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
    except BaseException:
        del sys.modules[name]
        raise
    return module


def call(name, path, test):
    """`test` is qualified: function, or Class.method of a new instance. One that is async is run to its end."""
    owner = sys.modules.get(name) or load(name, path)
    *classes, function = test.split(".")
    for each in classes:
        owner = getattr(owner, each)
    done = getattr(owner() if classes else owner, function)()
    if inspect.iscoroutine(done):
        asyncio.run(done)
