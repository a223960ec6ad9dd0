"""python -m ringfence exercise: an import and a snippet in many interpreters, each scenario in a process of its own.

Exit codes: 0 clean, 1 findings, 2 usage, 3 a scenario that was asked for could not be run."""
import argparse
import json
import marshal
import os
import sys
import sysconfig
import tempfile

from ringfence import manifest, scenarios

SCHEMA = "ringfence-evidence/1"
EXECUTIONS = 5  # of the snippet, in the interpreters that run it more than once
FAULTS = {"crash", "hang", "out-of-memory", "exception"}  # that Python itself may be the cause of
CONTROLS = 3  # runs without the module, to see whether it is
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
SHOWN = 5  # imports that a reason names


class UsageError(Exception):
    """What was asked for makes no sense."""


def parse(arguments):
    parser = argparse.ArgumentParser(prog="python -m ringfence", description="Shows how a module behaves in many interpreters.")
    commands = parser.add_subparsers(dest="command", required=True)
    exercise = commands.add_parser("exercise", help="import and run a module in many interpreters")
    add = exercise.add_argument
    add("module")
    what = exercise.add_mutually_exclusive_group()
    add_what = what.add_argument
    add_what("-c", dest="snippet", default="", help="code to run after the import; what it binds to `result` is compared")
    add_what("--pytest", metavar="ARGS", help="run pytest with these arguments instead of a snippet")
    add("--interpreters", type=positive, default=3, metavar="N")
    add("--gil", help="shared, own, or shared,own (default: what this Python can do)")
    add("--concurrent", action="store_true", help="also run the interpreters at the same time")
    add("--cycles", type=positive, default=1, metavar="K", help="also initialise and finalise Python K times")
    add("--repeat", type=positive, default=1, metavar="R", help="births and deaths of the interpreters, in each scenario")
    add("--fork", action="store_true", help="also go on in a forked process")
    add("--no-instances", dest="instances", action="store_false",
        help="do not check that a thousand instances of each type leave its reference count as it was")
    add("--private-copy", action="store_true", help="give each interpreter a copy of the module's shared objects")
    add("--also", action="append", default=[], metavar="NAME",
        help="with --private-copy: another module to copy, where a package keeps its extension beside itself")
    add("--force", action="store_true", help="load the module where Python would refuse it in an own-GIL interpreter (not without a GIL)")
    add("--manifest", metavar="FILE", help="watch the objects that this manifest lists")
    add("--limit", type=seconds, default=60, metavar="SECONDS", help="for each scenario (default 60)")
    add("--memory", type=positive, default=4096, metavar="MB", help="address space of each scenario (default 4096)")
    add("--path", action="append", default=[], metavar="FOLDER", help="put in front of sys.path")
    add("--json", metavar="OUT", help="write the findings and observations to this file")
    options = parser.parse_args(arguments)
    options.gil = options.gil.split(",") if options.gil else ["shared", "own"][:1 + (sys.version_info >= (3, 12))]
    if not set(options.gil) <= {"shared", "own"}:
        exercise.error("--gil takes shared, own, or shared,own")
    if not all(part.isidentifier() for part in options.module.split(".")):
        exercise.error(f"{options.module!r} is no module name")
    options.error = exercise.error
    problem = contradiction(options)
    if problem:
        exercise.error(problem)
    try:
        options.watched = manifest.load(options.manifest) if options.manifest else None
    except manifest.ManifestError as error:
        exercise.error(str(error))
    return options


def contradiction(options):
    """Why what was asked for cannot be done, "" where it can be tried."""
    missing = [entry for entry in options.path if not os.path.exists(entry)]
    if missing:
        return f"--path: there is no {missing[0]}"
    if options.also and not options.private_copy:
        return "--also names what --private-copy copies, too"
    if options.json and (os.path.isdir(options.json) or not os.path.isdir(os.path.dirname(os.path.abspath(options.json)))):
        return f"--json: {options.json} cannot be written"
    try:
        compile(options.snippet, "<snippet>", "exec")
    except (SyntaxError, ValueError) as error:  # ValueError: with a zero in it
        return f"the snippet is no Python: {error}"
    return ""


def seconds(text):
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return value


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def snippet_of(options):
    if options.pytest is None:
        return f"import {options.module}\n{options.snippet}" if not options.private_copy else options.snippet
    return (f"import pytest, shlex\ncode = pytest.main(['-p', 'no:cacheprovider'] + shlex.split({options.pytest!r}))\n"
            "assert code == 0, f'pytest ended with {code}'")


def plan(options):
    """The scenarios, the lone interpreter first, and what had to be left out: [(name, reason)]."""
    package = options.module.partition(".")[0]
    common = {
        "module": options.module, "snippet": snippet_of(options), "interpreters": options.interpreters,
        "cycles": options.cycles, "repeat": options.repeat, "executions": EXECUTIONS, "memory": options.memory,
        "path": [os.path.abspath(entry) for entry in options.path],
        "watched": None, "without": None, "extensions": [], "private": options.private_copy,
        "also": [*options.also, package] if package != options.module else options.also, "force": False, "gil": None,
    }
    planned = [dict(common, name="alone", shape="alone")]
    left_out = []
    for gil in options.gil:
        if gil == "own" and sys.version_info < (3, 12):
            left_out.append((f"{gil} GIL", "needs Python 3.12"))
            continue
        several = dict(common, gil=gil, force=options.force)
        planned.append(dict(several, name=f"{gil} GIL, one after another", shape="one_after_another"))
        if options.concurrent:
            planned.append(dict(several, name=f"{gil} GIL, at once", shape="at_once"))
    if FREE_THREADED and options.concurrent:
        planned.append(dict(common, name="threads without a GIL", shape="threads"))
    if options.cycles > 1:
        planned.append(dict(common, name=f"{options.cycles} initialise and finalise cycles", shape="cycles"))
    if options.instances and not FREE_THREADED:  # which counts references in each thread
        planned.append(dict(common, name="instances", shape="instances"))
    if options.fork:
        planned.append(dict(common, name="fork", shape="fork"))
    return planned, left_out


def expected_results(outcome):
    """What successive executions give in a lone interpreter; None where it did not get through."""
    results = outcome["results"].get("main", [])
    return results if len(results) == EXECUTIONS else None


def run_all(options):
    """(outcomes, what was left out with its reason)."""
    planned, left_out = plan(options)
    if options.watched is not None and options.private_copy:
        reason = "--manifest names objects of the module's own files, and --private-copy loads others"
        return [], left_out + [(scenario["name"], reason) for scenario in planned]
    with tempfile.NamedTemporaryFile() as watched:
        if options.watched is not None:
            marshal.dump(options.watched, watched)
            watched.flush()
            planned = [dict(scenario, watched=watched.name) for scenario in planned]
        alone = scenarios.run(planned[0], options.limit, None)
        if is_missing(options.module, alone):
            raise UsageError(f"there is no module {options.module}")
        if alone["reason"]:
            return [alone], left_out + [(scenario["name"], alone["reason"]) for scenario in planned[1:]]
        outcomes, expected = [alone], expected_results(alone)
        for scenario in planned[1:]:
            scenario["extensions"] = alone["extensions"]
            comparable = scenario["shape"] != "threads"  # threads of one interpreter share what the snippet counts
            outcome = scenarios.run(scenario, options.limit, expected if comparable else None)
            blame(options, scenario, outcome, alone["imported"])
            outcomes.append(outcome)
    return outcomes, left_out


def is_missing(module, alone):
    """The import of the module itself failed because it, or a package around it, does not exist."""
    parts = module.split(".")
    names = [".".join(parts[:count + 1]) for count in range(len(parts))]
    signs = tuple(f"import in main: ModuleNotFoundError: No module named {name!r}" for name in names)
    return any(finding["message"].startswith(signs) for finding in alone["findings"])


def blame(options, scenario, outcome, imported):
    """Faults that also come where everything that the module imports is imported, and it is not, are not its own: they
    become notes, and the scenario is not judged."""
    faults = {finding["kind"] for finding in outcome["findings"]} & FAULTS
    control = dict(scenario, without=imported, private=False, watched=None, snippet="", extensions=[])
    for _ in range(CONTROLS if faults else 0):
        seen = {finding["kind"] for finding in scenarios.run(control, options.limit, None)["findings"]} & faults
        if not seen:
            continue
        names = ", ".join(imported[:SHOWN]) + (", ..." if len(imported) > SHOWN else "") or "nothing"
        outcome["reason"] = f"{', '.join(sorted(seen))} without {options.module} too, with its imports alone: {names}"
        outcome["notes"] += [finding["message"] for finding in outcome["findings"] if finding["kind"] in seen]
        outcome["findings"] = [finding for finding in outcome["findings"] if finding["kind"] not in seen]
        outcome["status"] = scenarios.status_of(outcome["findings"], outcome["reason"])
        return


def observations(outcomes):
    """Per watched object, what was seen in all scenarios."""
    seen = {}
    for outcome in outcomes:
        for report in outcome["watch"]:
            entry = seen.setdefault(report["id"], {key: report[key] for key in ("id", "symbol", "verdict", "source")})
            entry.setdefault("observed", set()).add(report["kind"])
            entry.setdefault("scenarios", set()).add(outcome["name"])
    return [dict(entry, observed=sorted(entry["observed"]), scenarios=sorted(entry["scenarios"]))
            for _, entry in sorted(seen.items())]


def document(options, outcomes, left_out):
    return {
        "schema": SCHEMA,
        "module": options.module,
        "python": sys.version.split()[0],
        "free_threaded": FREE_THREADED,
        "scenarios": [{key: outcome[key] for key in ("name", "status", "reason", "seconds", "findings", "notes")}
                      for outcome in outcomes],
        "left_out": [{"name": name, "reason": reason} for name, reason in left_out],
        "objects": observations(outcomes),
    }


def summarise(options, outcomes, left_out):
    width = max(len(name) for name in [o["name"] for o in outcomes] + [name for name, _ in left_out])
    for outcome in outcomes:
        kinds = {}
        for finding in outcome["findings"]:
            kind = finding.get("violation", finding["kind"])
            kinds[kind] = kinds.get(kind, 0) + 1
        counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        said = ", ".join(filter(None, [counted, outcome["reason"] and f"not judged: {outcome['reason']}"])) or "passed"
        print(f"{outcome['name']:{width}}  {outcome['seconds']:7.2f} s  {said}")
        for finding in outcome["findings"]:
            print(f"    {finding['message']}")
        for note in outcome["notes"]:
            print(f"    note: {note}")
    for name, reason in left_out:
        print(f"{name:{width}}  left out: {reason}")
    if not options.snippet and options.pytest is None:
        print(f"imported only: no function of {options.module} was called (-c CODE or --pytest ARGS says what to run)")
    missed = not_tried(options)
    if missed:
        print(f"not tried: {'; '.join(missed)}")
    refused = [outcome for outcome in outcomes if outcome["status"] == "refused"]
    if refused and not options.private_copy:
        print("refused: it loads into one interpreter only. A newer release may do better; "
              f"a copy for each interpreter: python -m ringfence exercise {options.module} --private-copy")


def not_tried(options):
    """What else there is to try, each with the way to it."""
    ways = {"shared": "--gil shared", "own": "--gil own" if sys.version_info >= (3, 12) else "needs Python 3.12"}
    missed = [f"{gil} GIL ({way})" for gil, way in ways.items() if gil not in options.gil]
    if not options.concurrent:
        missed.append("interpreters at once (--concurrent)")
    if not FREE_THREADED:
        missed.append("no GIL (needs a free-threaded Python)")
    elif not options.concurrent:
        missed.append("threads without a GIL (--concurrent)")
    if options.cycles == 1:
        missed.append("initialise and finalise cycles (--cycles 3)")
    if not options.fork:
        missed.append("a forked process (--fork)")
    return missed


def main(arguments):
    options = parse(arguments)
    try:
        outcomes, left_out = run_all(options)
    except UsageError as error:
        options.error(str(error))
    summarise(options, outcomes, left_out)
    if options.json:
        try:
            with open(options.json, "w", encoding="utf-8") as out:
                json.dump(document(options, outcomes, left_out), out, indent=1)
                out.write("\n")
        except OSError as error:
            options.error(f"--json: {options.json} cannot be written: {error.strerror}")
    if any(outcome["findings"] for outcome in outcomes):
        return 1
    return 3 if left_out or any(outcome["reason"] for outcome in outcomes) else 0
