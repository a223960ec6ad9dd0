"""A pytest plugin: tests marked `ringfence` run in fresh interpreters, each scenario in a process of its own.

    @pytest.mark.ringfence(module="tally", gil="own", interpreters=4, concurrent=True, manifest="tally.json")
    def test_counts():
        import tally
        assert tally.add("a") >= 1

The test's file is imported in each interpreter, so that its helpers are there, and the test runs several times in it:
functions, methods (with setup_module, setup_class, setup_method, setup_function), async tests and those of unittest. Fixtures and parameters do not: their objects
belong to this interpreter. It fails on a crash, a hang, an exception or a watch report in any scenario, and where one could
not be judged; it is skipped where it skips itself everywhere. Keywords are those of `python -m ringfence exercise`; relative
paths begin at the test's folder."""
import ast
import inspect
import os
import sys

import pytest

from ringfence import exercise
from ringfence.run_test import SKIPPED

PATHS = ("path", "manifest")
KEYWORDS = {"module", "gil", "interpreters", "concurrent", "cycles", "repeat", "fork", "private_copy", "also", "force",
            "manifest", "limit", "memory", "path"}


def pytest_configure(config):
    config.addinivalue_line("markers", "ringfence(module, gil=..., interpreters=..., manifest=..., ...): "
                                       "run the test in fresh interpreters and fail on what they find")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    marker = item.get_closest_marker("ringfence")
    if marker is not None:
        item.runtest = lambda: run(item, marker)


def run(item, marker):
    problem = misuse(item, marker)
    try:
        if not problem:
            outcomes, left_out = exercise.run_all(exercise.parse(command_line(dict(marker.kwargs), item)))
    except exercise.UsageError as error:
        problem = str(error)
    except SystemExit:
        problem = "what is wrong with it stands on standard error"
    if problem:
        pytest.fail(f"ringfence marker: {problem}", pytrace=False)
    messages = [f"{o['name']}: {f['message']}" for o in outcomes for f in o["findings"]]
    messages += [f"{o['name']}: not judged: {o['reason']}" for o in outcomes if o["reason"]]
    if messages:
        pytest.fail("\n".join(messages), pytrace=False)
    results = {result for o in outcomes for got in o["results"].values() for result in got}
    if len(results) == 1 and SKIPPED in min(results):  # a None more, and it ran somewhere
        pytest.skip(ast.literal_eval(min(results)))
    if left_out:
        pytest.skip("; ".join(f"{name}: {reason}" for name, reason in left_out))


def misuse(item, marker):
    """A sentence, "" where the marker can be followed."""
    unknown = set(marker.kwargs) - KEYWORDS
    if unknown or "module" not in marker.kwargs or marker.args:
        return f"needs module=...; unknown: {', '.join(sorted(unknown)) or 'nothing'}"
    if not isinstance(item, pytest.Function):
        return "it is for functions and methods"
    if inspect.signature(item.obj).parameters:
        return "a test in fresh interpreters takes no fixtures and no parameters: their objects belong to this interpreter"
    return ""


def as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def command_line(keywords, item):
    file = str(item.path)
    folder = os.path.dirname(file)
    names = [node.name for node in item.listchain() if isinstance(node, pytest.Class)] + [item.originalname]
    code = f"from ringfence import run_test\nresult = run_test.call({item.module.__name__!r}, {file!r}, {names!r})\n"
    for name in PATHS:
        if keywords.get(name) is not None:
            keywords[name] = [os.path.join(folder, entry) for entry in as_list(keywords[name])]
    known = [entry or os.getcwd() for entry in sys.path]
    keywords["path"] = [folder, *filter(os.path.exists, known), *keywords.get("path", [])]
    arguments = ["exercise", keywords.pop("module"), "-c", code, "--no-instances"]
    for name, value in keywords.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            arguments.append(option)
        elif value is not False and value is not None:
            for each in as_list(value):
                arguments += [option, str(each)]
    return arguments
