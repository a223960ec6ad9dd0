"""What one tree does on one Python."""
import collections
import json
import os
import re
import statistics
import xml.etree.ElementTree as xml

from ringfence.proof.pythons import Failed, last_line

FLAGS = "-Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Wno-cast-function-type"
WARNING = re.compile(r"[^:\s]+\.\w+:\d+(?::\d+)?: warning: (.*\[-W[^]]*\])")
INTERPRETERS, REPEAT, ROUNDS = 4, 3, 5
BAD = {"failed", "error"}


def build_flags():
    return {"CFLAGS": f"{os.environ.get('CFLAGS', '')} {FLAGS}".strip()}


def warnings_of(output):
    """As a bag of sentences without places."""
    return collections.Counter(WARNING.findall(output))


def build(environment, project):
    """The warnings of its build."""
    done = environment.run(project.build, **build_flags())
    if done.code != 0:
        raise Failed(f"the build {'took too long' if done.code is None else 'failed'}: {last_line(done.output)}")
    return warnings_of(done.output)


def modules(environment):
    """Dotted names of the extension modules that the build left, in the tree or in the environment."""
    found = names_below(environment.tree, environment.python.suffix, lambda path: "build" not in path.parts)
    for packages in environment.folder.glob("lib/python*/site-packages"):
        found |= {name for name in names_below(packages, environment.python.suffix) if not name.startswith("ringfence.")
                  and name.partition(".")[0] in owned_packages(environment, packages)}
    return sorted(found)


def names_below(folder, suffix, wanted=lambda path: True):
    names = set()
    for path in folder.rglob("*.so"):
        relative = path.relative_to(folder)
        if not wanted(relative) or not path.name.endswith((suffix, ".abi3.so")):
            continue
        parts = [path.name[:path.name.index(".")]]
        for parent in path.parents:
            if parent == folder or not (parent / "__init__.py").exists():
                break
            parts.insert(0, parent.name)
        names.add(".".join(parts))
    return names


def owned_packages(environment, packages):
    """Top-level names of the distribution that the tree's metadata names; what else was installed is a requirement."""
    for origin in packages.glob("*.dist-info/direct_url.json"):
        if str(environment.tree) in origin.read_text(encoding="utf-8"):
            record = (origin.parent / "RECORD").read_text(encoding="utf-8")
            return {line.partition(",")[0].partition("/")[0].partition(".")[0] for line in record.splitlines()}
    return set()


def tests(environment, project, output):
    """{"exit", "passed", "failed", "skipped", "cases"}: cases only where pytest wrote them."""
    output.unlink(missing_ok=True)
    done = environment.run(project.test, PYTEST_ADDOPTS=f"--junitxml={output} -p no:cacheprovider")
    result = {"exit": done.code, "seconds": round(done.seconds, 1), "cases": None}
    if output.exists():
        cases = cases_of(output)
        result["cases"] = cases
        counts = collections.Counter(cases.values())
        return {**result, "passed": counts["passed"], "failed": sum(counts[word] for word in BAD), "skipped": counts["skipped"]}
    ran = re.findall(r"^Ran (\d+) tests?", done.output, re.M)
    bad = sum(map(int, re.findall(r"(?:failures|errors)=(\d+)", done.output)))
    skipped = sum(map(int, re.findall(r"skipped=(\d+)", done.output)))
    total = sum(map(int, ran))
    return {**result, "passed": total - bad - skipped, "failed": bad, "skipped": skipped}


def cases_of(path):
    cases = {}
    try:
        for case in xml.parse(path).iter("testcase"):
            words = {child.tag for child in case}
            word = "error" if "error" in words else "failed" if "failure" in words else "skipped" if "skipped" in words else "passed"
            cases[f"{case.get('classname')}::{case.get('name')}"] = word
    except xml.ParseError:  # it was cut off
        pass
    return cases


def exercise(environment, module, snippet, output, force):
    """{"gil", "status", "findings"}: four interpreters, with GILs of their own where the Python has them, one after
    another and at once."""
    own = environment.python.own_gil
    output.unlink(missing_ok=True)
    done = environment.run(
        [environment.executable, "-m", "ringfence", "exercise", module, "-c", snippet, "--gil", "own" if own else "shared",
         "--concurrent", "--interpreters", INTERPRETERS, "--repeat", REPEAT, "--no-instances", "--json", output,
         *[word for path in environment.paths for word in ("--path", path)], *(["--force"] if force and own else [])])
    if not output.exists():
        return {"gil": "own" if own else "shared", "status": "failed", "findings": [last_line(done.output)]}
    scenarios = json.loads(output.read_text(encoding="utf-8"))["scenarios"]
    statuses = {scenario["status"] for scenario in scenarios}
    findings = [f"{scenario['name']}: {finding['message']}" for scenario in scenarios for finding in scenario["findings"]]
    findings += [f"{scenario['name']}: {scenario['reason']}" for scenario in scenarios if scenario["reason"]]
    status = next((word for word in ("findings", "refused", "not-judged") if word in statuses), "passed")
    return {"gil": "own" if own else "shared", "status": status, "findings": findings[:20]}


def types(environment, names, snippet, makers, output):
    """{"types": {name: what it shows}, "references": [...]}."""
    output.unlink(missing_ok=True)
    request = {"modules": names, "snippet": snippet, "make": makers, "output": str(output)}
    done = environment.run([environment.executable, "-m", "ringfence.proof.inside", json.dumps(request)], limit=300)
    if not output.exists():
        raise Failed(f"its types could not be looked at: {last_line(done.output)}")
    return json.loads(output.read_text(encoding="utf-8"))


def time_of(environment, snippet, runs):
    """Seconds of so many runs of the snippet, the least of five; None where it fails."""
    code = f"import timeit\nprint(min(timeit.repeat({snippet!r}, number={runs}, repeat=5)))"
    done = environment.run([environment.executable, "-c", code], limit=120)
    try:
        return float(done.output.split()[-1])
    except (IndexError, ValueError):
        return None


def compare_time(before, after, snippet):
    """{"ratio", "low", "high", "seconds"} of after to before, by turns; None where it cannot be timed."""
    once = time_of(before, snippet, 1)
    if once is None:
        return None
    runs = max(1, min(10000, int(0.05 / max(once, 1e-7))))
    ratios, seconds = [], None
    for _ in range(ROUNDS):
        first, second = time_of(before, snippet, runs), time_of(after, snippet, runs)
        if not first or not second:
            return None
        ratios.append(second / first)
        seconds = min(filter(None, (seconds, first / runs)))
    return {"ratio": round(statistics.median(ratios), 3), "low": round(min(ratios), 3), "high": round(max(ratios), 3), "seconds": seconds}
