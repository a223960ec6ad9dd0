"""A pytest plugin: tests marked `ringfence` run in fresh interpreters, each scenario in a process of its own.

    @pytest.mark.ringfence(module="tally", gil="own", interpreters=4, concurrent=True, manifest="tally.json")
    def test_counts():
        import tally
        assert tally.add("a") == 1

The test's file is imported in each interpreter, so that its helpers are there; methods and async tests run, fixtures do not:
their objects belong to this interpreter. It fails on a crash, a hang, an exception or a watch report in any scenario, and
where one could not be judged. Keywords are those of `python -m ringfence exercise`; relative paths begin at the test's folder."""
import inspect
import os
import sys

import pytest

from ringfence import exercise

PATHS = ("path", "manifest")
KEYWORDS = {"module", "gil", "interpreters", "concurrent", "cycles", "repeat", "fork", "private_copy", "also", "force",
            "manifest", "limit", "memory", "path"}


def pytest_configure(config):
    config.addinivalue_line("markers", "ringfence(module, gil=..., interpreters=..., manifest=..., ...): "
                                       "run the test in fresh interpreters and fail on what they find")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    marker = pyfuncitem.get_closest_marker("ringfence")
    if marker is None:
        return None
    unknown = set(marker.kwargs) - KEYWORDS
    if unknown or "module" not in marker.kwargs or marker.args:
        pytest.fail(f"ringfence marker: needs module=...; unknown: {', '.join(sorted(unknown)) or 'nothing'}")
    if inspect.signature(pyfuncitem.obj).parameters:
        pytest.fail("a test in fresh interpreters takes no fixtures: their objects belong to this interpreter")
    try:
        outcomes, left_out = exercise.run_all(exercise.parse(command_line(dict(marker.kwargs), pyfuncitem)))
    except (SystemExit, exercise.UsageError) as error:  # argparse has said why
        pytest.fail(f"ringfence marker: {error}", pytrace=False)
    messages = [f"{o['name']}: {f['message']}" for o in outcomes for f in o["findings"]]
    messages += [f"{o['name']}: not judged: {o['reason']}" for o in outcomes if o["reason"]]
    if messages:
        pytest.fail("\n".join(messages), pytrace=False)
    if left_out:
        pytest.skip("; ".join(f"{name}: {reason}" for name, reason in left_out))
    return True


def as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def command_line(keywords, pyfuncitem):
    file = str(pyfuncitem.path)
    folder = os.path.dirname(file)
    test = pyfuncitem.obj.__qualname__
    code = f"from ringfence import run_test\nrun_test.call({pyfuncitem.module.__name__!r}, {file!r}, {test!r})\n"
    for name in PATHS:
        if keywords.get(name) is not None:
            keywords[name] = [os.path.join(folder, entry) for entry in as_list(keywords[name])]
    keywords["path"] = [folder, *(entry or os.getcwd() for entry in sys.path), *keywords.get("path", [])]
    arguments = ["exercise", keywords.pop("module"), "-c", code, "--no-instances"]
    for name, value in keywords.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            arguments.append(option)
        elif value is not False and value is not None:
            for each in as_list(value):
                arguments += [option, str(each)]
    return arguments
