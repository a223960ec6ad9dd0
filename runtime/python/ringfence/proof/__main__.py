"""ringfence migrate --prove; also python -m ringfence prove PATH, with the analyser named.

Exit codes: 0 proved, 1 worse or not proved, 2 usage, 3 it could not be carried out."""
import argparse
import json
import pathlib
import shutil
import sys
import tempfile

from ringfence.proof import commands, document, judge, measure, project, pythons, trees

CODES = {"proved": 0, "not-proved": 1, "worse": 1, "failed": 3}
# What is exercised where nothing is named: types, and exceptions, which are made, raised and thrown away.
EXERCISE = """
import {module}
for value in list(vars({module}).values()):
    if not isinstance(value, type):
        continue
    for arguments in ((), ({{}},), ('a',), (1,), (b'a',)):
        for i in range(50):
            try:
                made = value(*arguments)
                repr(made), hash(made)
                if isinstance(made, Exception):
                    raise made
            except Exception:
                pass
    for i in range(50):
        try:
            type('Derived', (value,), {{}})
        except TypeError:
            break
"""


def parse(arguments):
    parser = argparse.ArgumentParser(prog="ringfence migrate --prove", description=(
        "Migrates a copy of a project, builds and tests the copies before and after, and writes what differs. It runs the "
        "project's own code, with your rights."))
    add = parser.add_argument
    add("path", nargs="?", default=".", type=pathlib.Path)
    add("--analyser", required=True, help="the program ringfence")
    add("--to", default="isolated")
    add("--state", choices=["slots", "module"])
    add("--only", action="append", default=[])
    add("--module", action="append", default=[])
    add("--build", metavar="CMD")
    add("--test", metavar="CMD")
    add("--adjust", metavar="CMD", help="changes the migrated copy by hand, before it is built")
    add("--exercise", metavar="CODE", help="what is run in many interpreters, and timed")
    add("--make", action="append", default=[], metavar="EXPRESSION", help="makes an object whose type's references are counted")
    add("--on", action="append", default=[], metavar="EXE", help="this Python (default: each of 3.9 to 3.14 with headers)")
    add("--requires", action="append", default=[], metavar="REQ", help="what pip installs before the build")
    add("--runtime", metavar="REQ", help="what pip installs for exercise (default: this package's own source, else ringfence-runtime)")
    add("--limit", type=float, default=900, metavar="SECONDS", help="for each command (default 900)")
    add("--report", type=pathlib.Path, default=pathlib.Path("ringfence-proof"), metavar="DIR")
    add("--after", type=pathlib.Path, metavar="TREE", help="prove this change of the project instead of a migration")
    add("--keep", type=pathlib.Path, metavar="DIR", help="work in this folder, and leave the copies there")
    options = parser.parse_args(arguments)
    if not options.path.is_dir():
        parser.error(f"{options.path} is no folder")
    try:
        options.pythons = pythons.find(options.on)
    except ValueError as error:
        parser.error(str(error))
    if not options.pythons:
        parser.error("there is no Python 3.9 to 3.14 with headers: --on EXE names one")
    if options.runtime is None:
        options.runtime = own_source() or "ringfence-runtime"
    return options


def own_source():
    """The folder that this package is built from, None where it was installed."""
    folder = pathlib.Path(__file__).resolve().parents[2]
    return str(folder) if (folder / "setup.py").exists() and (folder / "src").is_dir() else None


def say(text):
    print(text, file=sys.stderr, flush=True)


class Proof:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.runner = commands.Runner(folder, options.limit)
        self.trees = {which: folder / which for which in ("before", "after")}
        self.environments = {}
        self.bases = {}
        self.built = {}  # warnings of a build that is done, by the Python's name; of the tree before
        self.project = project.Project(options.path, options.build, options.test, options.requires)
        self.database = {which: folder / f"{which}.json" for which in self.trees}
        self.migration = trees.Migration(self.runner, options.analyser, self.trees["after"], self.database["after"])
        self.result = {
            "schema": document.SCHEMA, "outcome": "failed", "reasons": [], "project": options.path.resolve().name,
            "ringfence": self.version(), "to": "another tree" if options.after else options.to,
            "commands": {"build": self.project.build, "test": self.project.test, "test_of": self.project.test_of},
            "migration": {"moved": 0, "refused": 0, "stages": [], "second_run": "nothing", "diff": {"added": 0, "removed": 0},
                          "to_build": [], "files": {}},
            "claims": {"made": False, "modules": []}, "scan": {"before": [], "after": []}, "pythons": []}
        self.diff = self.claims_diff = ""

    def version(self):
        said = self.runner.run([self.options.analyser, "--version"], self.folder).output.split()
        return next((word for word in said if word[0].isdigit()), "unknown")

    def run(self):
        for which, tree in self.trees.items():
            source = self.options.after if which == "after" and self.options.after else self.options.path
            for link in trees.copy(source.resolve(), tree):
                say(f"{link} leads out of the project and was not copied")
        newest = next((one for one in reversed(self.options.pythons) if one.own_gil), self.options.pythons[-1])
        self.capture(newest)
        self.migrate()
        for which, tree in self.trees.items():
            self.result["scan"][which] = self.migration.scan(tree, self.database[which], self.folder / f"scan-{which}.json")
        for python in self.options.pythons:
            self.result["pythons"].append(self.measure(python))
        judge.judge(self.result)

    def environment(self, python, which):
        key = (python.name, which)
        if key not in self.environments:
            made = pythons.Environment(self.runner, python, self.folder / f"env-{python.name}-{which}", self.trees[which])
            if self.project.own_build:
                made.paths = [path for path in (made.tree / "src", made.tree / "python", made.tree / "lib", made.tree) if path.is_dir()]
            made.make(self.base(python))
            self.environments[key] = made
        return self.environments[key]

    def base(self, python):
        """The environment of the Python that has what both trees want."""
        if python.name not in self.bases:
            base = pythons.Environment(self.runner, python, self.folder / f"env-{python.name}", self.folder)
            base.make()
            base.install(["--upgrade", "setuptools", "wheel", *self.project.requires])
            runtime = self.options.runtime
            if pathlib.Path(runtime).is_dir():  # its own build folder must not be written to
                runtime = self.folder / f"runtime-{python.name}"
                shutil.copytree(self.options.runtime, runtime,
                                ignore=shutil.ignore_patterns("build", "*.so", "*.egg-info", "__pycache__"))
            base.install([runtime])
            self.bases[python.name] = base
        return self.bases[python.name]

    def capture(self, python):
        for which in self.trees:
            environment = self.environment(python, which)
            say(f"build under capture, {which}, Python {python.name}: {self.project.build}")
            done = self.migration.capture(environment, self.project.build, self.database[which])
            if done.code != 0 or not self.database[which].exists():
                raise pythons.Failed(f"the build {'took too long' if done.code is None else 'failed'}: {pythons.last_line(done.output)}")
            if which == "before":
                self.built[python.name] = measure.warnings_of(done.output)
        trees.remove_compiled(self.trees["after"])

    def migrate(self):
        tree, more, result = self.trees["after"], [], self.result["migration"]
        for flag in ("only", "module"):
            more += [word for name in getattr(self.options, flag) for word in (f"--{flag}", name)]
        state = ["--state", self.options.state] if self.options.state else []
        if self.options.after:
            old, new = trees.contents(self.trees["before"]), trees.contents(tree)
            self.diff = trees.diff(old, new)
            result["diff"] = trees.size(self.diff)
            return
        original = trees.contents(tree)
        say(f"ringfence migrate --to {self.options.to}")
        plan, wrong = self.migration.migrate(self.options.to, [*more, *state])
        if plan is None:
            raise pythons.Failed(wrong)
        if self.options.adjust:
            adjusted = self.runner.run(self.options.adjust, tree)
            if adjusted.code != 0:
                raise pythons.Failed(f"--adjust failed: {pythons.last_line(adjusted.output)}")
        migrated = trees.contents(tree)
        self.diff = trees.diff(original, migrated)
        again, _ = self.migration.migrate(self.options.to, [*more, *state, "--plan"])
        changed = [path for path in migrated if migrated[path] != original.get(path)]
        result.update({key: plan[key] for key in ("moved", "refused", "stages", "to_build")})
        result.update(diff=trees.size(self.diff), files=trees.digests(tree, changed or migrated),
                      second_run="nothing" if again and again["moved"] == again["provisional"] else "edits")
        forms = "".join(f" ({form})" for form in plan["build_forms"] if form)
        if plan["to_build"] and not self.options.adjust:
            raise pythons.Failed(f"{plan['runtime_source']} must be among the sources of the extension that has "
                                 f"{', '.join(plan['to_build'])}{forms}: --adjust COMMAND changes the build files of the migrated copy")
        claims = self.claim(more)
        self.result["claims"] = {"made": bool(claims and claims["moved"] and not claims["refused"]), "modules": [
            one["object"] for stage in (claims or {"stages": []})["stages"] for one in stage["moved"]]}
        self.claims_diff = trees.diff(migrated, trees.contents(tree))

    def claim(self, more):
        """The plan of the claims in the copy, which wants a report that says what is about to be judged; None: no claim."""
        trial = self.folder / "trial.json"
        trial.write_text(json.dumps({"outcome": "trial", "migration": {"files": self.result["migration"]["files"]}}), encoding="utf-8")
        return self.migration.migrate("claims", [*more, "--proved", trial])[0]

    def measure(self, python):
        row = {"python": python.name, "free_threaded": python.free_threaded, "failed": {"before": None, "after": None},
               "new_warnings": [], "tests": None, "newly_failing": [], "exercise": [], "type_differences": [],
               "references": {"before": [], "after": []}, "time": None}
        seen = {which: self.measure_one(python, which, row) for which in self.trees}
        before, after = seen["before"], seen["after"]
        if not before or not after:
            return row
        row["new_warnings"] = sorted((after["warnings"] - before["warnings"]).elements())
        if before["tests"]:
            row["newly_failing"] = judge.newly_failing(before["tests"], after["tests"])
            row["tests"] = {which: {key: value for key, value in one["tests"].items() if key != "cases"} for which, one in seen.items()}
        row["exercise"] = [{"module": module, "before": before["exercise"][module], "after": after["exercise"][module]}
                           for module in before["exercise"] if module in after["exercise"]]
        differences = judge.type_differences(before["types"]["types"], after["types"]["types"])
        answered = judge.answered(differences)
        row["type_differences"] = [dict(one, expected=judge.is_expected(one, python.version, one["type"] in answered))
                                   for one in differences]
        row["references"] = {which: one["types"]["references"] for which, one in seen.items()}
        if self.options.exercise:
            say(f"time, Python {python.name}")
            row["time"] = measure.compare_time(*self.pair(python), self.options.exercise)
        return row

    def pair(self, python):
        return [self.environment(python, which) for which in ("before", "after")]

    def measure_one(self, python, which, row):
        """None where a step failed, which the row then says."""
        say(f"build, tests, exercise, types, {which}, Python {python.name}")
        try:
            environment = self.environment(python, which)
            built = self.built.pop(python.name, None) if which == "before" else None
            seen = {"warnings": measure.build(environment, self.project) if built is None else built, "tests": None}
            if self.project.test:
                seen["tests"] = measure.tests(environment, self.project, self.folder / "junit.xml")
            names = measure.modules(environment)
            if not names:
                raise pythons.Failed("the build left no extension module that is known by its name")
            force = which == "before" or not self.result["claims"]["made"]
            seen["exercise"] = {name: measure.exercise(environment, name, self.snippet(name), self.folder / "exercise.json", force)
                                for name in names}
            seen["types"] = measure.types(environment, names, self.options.exercise, self.options.make, self.folder / "types.json")
            return seen
        except pythons.Failed as failed:
            row["failed"][which] = str(failed)
            return None

    def snippet(self, module):
        return self.options.exercise or EXERCISE.format(module=module)

    def write(self):
        folder = self.options.report
        folder.mkdir(parents=True, exist_ok=True)
        changes = {"change.diff": self.diff, "claims.diff": self.claims_diff if self.result["outcome"] == "proved" else ""}
        texts = {"proof.json": document.as_json(self.result), "proof.md": document.as_markdown(self.result),
                 "proof.html": document.as_html(self.result, self.diff), "log.txt": self.runner.log.read_text(encoding="utf-8"), **changes}
        for name, text in texts.items():
            if text:
                (folder / name).write_text(text, encoding="utf-8")
            else:
                (folder / name).unlink(missing_ok=True)  # of an earlier run


def main(arguments=None):
    options = parse(sys.argv[1:] if arguments is None else arguments)
    commands.end_on_signals()
    say("--prove runs the project's own build and tests, with your rights: in copies, below "
        f"{options.keep or tempfile.gettempdir()}; the project itself stays as it is")
    if options.keep:
        options.keep = options.keep.resolve()
        if options.keep.exists() and any(options.keep.iterdir()):
            say(f"{options.keep} is not empty")
            return 2
        options.keep.mkdir(parents=True, exist_ok=True)
        return prove(options, options.keep)
    with tempfile.TemporaryDirectory(prefix="ringfence-proof-") as folder:
        return prove(options, pathlib.Path(folder).resolve())


def prove(options, folder):
    options.path, options.after = options.path.resolve(), options.after and options.after.resolve()
    proof = Proof(options, folder)
    try:
        proof.run()
    except pythons.Failed as failed:
        proof.result["reasons"].append(str(failed))
    except KeyboardInterrupt:
        say("ended; no report was written")
        return 130
    proof.write()
    say(f"{document.WORDS[proof.result['outcome']]}: {options.report / 'proof.md'}")
    for reason in proof.result["reasons"][:document.SHOWN]:
        say(f"  {reason}")
    print(json.dumps({"outcome": proof.result["outcome"], "report": str(options.report)}))
    return CODES[proof.result["outcome"]]


if __name__ == "__main__":
    sys.exit(main())
