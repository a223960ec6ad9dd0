"""A pytest plugin: tests marked `ringfence` run in fresh interpreters, each scenario in a process of its own.

    @pytest.mark.ringfence(module="tally", gil="own", interpreters=4, concurrent=True, manifest="tally.json")
    def test_counts():
        import tally
        assert tally.add("a") == 1

The test's body must import what it uses: it runs without this process's globals. It fails on a crash, a hang, an exception
or a watch report in any scenario. Keywords are those of `python -m ringfence exercise`."""
import inspect
import os
import sys
import textwrap

import pytest

from ringfence import exercise, scenarios

KEYWORDS = {"module", "gil", "interpreters", "concurrent", "cycles", "repeat", "fork", "private_copy", "force", "manifest",
            "limit", "memory", "path"}


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
    if pyfuncitem.funcargs:
        pytest.fail("a test in fresh interpreters takes no fixtures: their objects belong to this interpreter")
    options = exercise.parse(command_line(dict(marker.kwargs), snippet(pyfuncitem.obj), os.path.dirname(pyfuncitem.path)))
    planned, left_out = exercise.plan(options)
    outcomes = [scenarios.run(scenario, options.limit, None) for scenario in planned]
    messages = [f"{o['name']}: {f['message']}" for o in outcomes for f in o["findings"]]
    if messages:
        pytest.fail("\n".join(messages), pytrace=False)
    if len(planned) == 1 and left_out:
        pytest.skip("; ".join(f"{name} {reason}" for name, reason in left_out))
    return True


def snippet(function):
    """The function's source without its decorators, and a call."""
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("def "))
    return "\n".join(lines[start:]) + f"\n{function.__name__}()\n"


def command_line(keywords, code, folder):
    arguments = ["exercise", keywords.pop("module"), "-c", code]
    for entry in [folder, *sys.path, *keywords.pop("path", [])]:
        arguments += ["--path", entry or os.getcwd()]
    for name, value in keywords.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            arguments.append(option)
        elif value is not False and value is not None:
            arguments += [option, str(value)]
    return arguments
