"""One scenario in a process of its own: python -m ringfence.child, the scenario as JSON on standard input.

Writes one JSON line per event to the file descriptor that the scenario names: {"begin": step, "who": interpreter} before
each step and {"end": step, "who", "ok", "text"} after it, so that a crash leaves the step that it happened in;
{"watch": [report]} for what the watch saw, {"imported": [name]} for what came with the module, {"extensions": [name]} for
extension modules of its package that were loaded in a lone interpreter, {"fork": true} before a fork,
{"note": sentence}, and {"unusable": reason} where the scenario cannot do what was asked of it."""
import contextlib
import faulthandler
import gc
import json
import marshal
import os
import signal
import sys
import sysconfig
import threading
import types

from ringfence import _runtime, runtime, supervisor

IMPORT = """
import sys
sys.path[:] = {path!r}
__import__("os").register_at_fork(before=lambda write=__import__("os").write: write({events}, b'{{"fork": true}}\\n'))
{load}
"""
OVERRIDE = "import _imp; _imp._override_multi_interp_extensions_check(-1)\n"  # the main interpreter has no check
CAN_OVERRIDE = sys.version_info >= (3, 12) and not sysconfig.get_config_var("Py_GIL_DISABLED")
PRIVATE = "__import__('ringfence.private').private.load_private({module!r}, *{also!r}); import {module}"
WITHOUT = """
import importlib
for name in {without!r}:
    try:
        importlib.import_module(name)
    except ImportError:
        pass
"""
EXTENSION = "__import__('importlib').import_module({name!r})\n"
CYCLE = """
import sys
sys.path[:] = {path!r}
from ringfence import child
child.one_cycle({scenario!r}, cycle)
"""
SHOWN = 10000  # characters of a text; longer ones are told apart by a hash
NAMED = 5  # files that a note names
write, dumps, give_up = os.write, json.dumps, os._exit  # a module may put others into their places
kept = []  # __main__, which makes room for the snippet's


class Child:
    def __init__(self, scenario):
        self.scenario = scenario
        self.events = scenario["events"]
        self.watching = bool(scenario["watched"])
        load = WITHOUT if scenario["without"] is not None else PRIVATE if scenario["private"] else "import {module}"
        self.import_code = IMPORT.format(path=scenario["path"], events=self.events, load=load.format(**scenario))
        self.forced = OVERRIDE if scenario["force"] and CAN_OVERRIDE else ""
        kept.append(sys.modules["__main__"])
        sys.modules["__main__"] = types.ModuleType("__main__")

    def emit(self, **event):
        if len(event.get("text", "")) > SHOWN:
            text = event["text"]
            event["text"] = f"{text[:SHOWN]}... ({len(text)} characters, hash {hash(text)})"
        try:
            write(self.events, dumps(event).encode() + b"\n")
        except Exception:
            give_up(supervisor.UNHEARD)

    def step(self, who, interpreter, name, code, apart=False):
        """Runs `code` in `interpreter` (None: the one we are in), `apart` with a copy of its names. True where it
        succeeded."""
        self.emit(begin=name, who=who)
        ok, text = _runtime.run(interpreter, code, name, apart)
        self.emit(end=name, who=who, ok=ok, text=text)
        self.report_watch()
        return ok

    def report_watch(self):
        reports = _runtime.watch_take_reports() if self.watching else []
        if reports:
            self.emit(watch=reports)

    def create(self, who):
        self.emit(begin="create", who=who)
        interpreter = _runtime.create(self.scenario["gil"] == "own")
        self.emit(end="create", who=who, ok=True, text="")
        return interpreter

    def end(self, who, interpreter):
        self.emit(begin="interpreter-end", who=who)
        _runtime.end(interpreter)
        self.emit(end="interpreter-end", who=who, ok=True, text="")
        self.report_watch()

    def load(self, who, interpreter):
        """Elsewhere than in main with the extension modules that it had: a package that can do without one says nothing
        of the error that keeps it out."""
        wanted = "" if who == "main" else "".join(EXTENSION.format(name=name) for name in self.scenario["extensions"])
        return self.step(who, interpreter, "import", (self.forced if interpreter else "") + self.import_code + wanted)

    def execute(self, who, interpreter, apart=False):
        return self.step(who, interpreter, "exec", self.scenario["snippet"], apart)

    def load_and_execute(self, who, interpreter):
        """Several executions; the first failure ends them."""
        steps = [self.load] + [self.execute] * self.scenario["executions"]
        return all(step(who, interpreter) for step in steps)

    def alone(self):
        """What the snippet does without other interpreters: the results that the other scenarios must reach."""
        before = set(sys.modules)
        loaded = self.load("main", None)
        own = self.packages() | {"ringfence"}
        self.emit(imported=[name for name in sys.modules if name not in before and name.partition(".")[0] not in own])
        for _ in range(self.scenario["executions"] if loaded else 0):
            if not self.execute("main", None):
                break
        if loaded and self.scenario["private"]:
            self.report_copies()
        if loaded:
            self.report_extensions()

    def report_extensions(self):
        files = {name: getattr(getattr(module, "__spec__", None), "origin", None) for name, module in sys.modules.items()
                 if name.partition(".")[0] in self.packages()}
        loaded = {name: origin for name, origin in files.items() if runtime.is_extension_file(origin)}
        self.emit(extensions=sorted(loaded))
        there = [] if self.scenario["private"] else runtime.extension_files(self.scenario["module"])
        missing = [path for path in there if os.path.realpath(path) not in map(os.path.realpath, loaded.values())]
        if missing:
            names = ", ".join(map(os.path.basename, missing[:NAMED])) + (", ..." if missing[NAMED:] else "")
            self.emit(note=f"not loaded, and so not tried: {len(missing)} of its extension files: {names}")

    def report_copies(self):
        from ringfence import private
        if not _runtime.private_count():
            self.emit(unusable=f"{self.scenario['module']} loaded no shared object that could be copied")
        beside = private.loaded_beside()
        if beside:
            self.emit(note=f"not copied, and so shared: {', '.join(beside)} (--also NAME copies them, too)")

    def packages(self):
        return {name.partition(".")[0] for name in (self.scenario["module"], *self.scenario["also"])}

    def instances(self):
        """A thousand instances of each type of the module that has a deallocator of its own."""
        from ringfence import instances
        if not self.load("main", None):
            return
        types, unmade, leaking = instances.types_of(self.packages()), [], set()
        for cls in types:
            name = instances.name_of(cls)
            self.emit(begin=f"instances of {name}", who="main")
            made = instances.maker(cls)
            problems = []
            for how, make, of in [(*made, cls), *instances.viewers(*made)] if made else []:
                problem = "" if of in leaking else instances.leak(how, make, of)
                if problem:
                    problems.append(problem)
                    leaking.add(of)
            self.emit(end="instances", who="main", ok=not problems, text="\n".join(problems))
            unmade += [] if made else [name]
        if unmade:
            self.emit(note=f"no instance could be made of {', '.join(unmade)}")
        if not types:
            self.emit(note="no type has a deallocator of its own")

    def one_after_another(self):
        """The main interpreter stays in use while others come, run and go; whoever is left must go on working."""
        loaded = self.load("main", None) and self.execute("main", None)
        for round_number in range(self.scenario["repeat"]):
            live = []
            for i in range(self.scenario["interpreters"]):
                who = f"{round_number}.{i}"
                interpreter = self.create(who)
                usable = self.load(who, interpreter) and self.execute(who, interpreter)
                live.append((who, interpreter, usable))
            while live:
                who, interpreter, _ = live.pop(0)
                self.end(who, interpreter)
                for other, survivor, usable in live[:1]:
                    if usable:
                        self.execute(other, survivor)
            if loaded:
                self.execute("main", None)

    def at_once(self):
        """Interpreters that are born, import, run and end at the same time, each in a thread of its own."""
        for round_number in range(self.scenario["repeat"]):
            barrier = threading.Barrier(self.scenario["interpreters"])
            threads = [threading.Thread(target=self.life, args=(f"{round_number}.{i}", barrier))
                       for i in range(self.scenario["interpreters"])]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def life(self, who, barrier):
        interpreter = self.create(who)
        barrier.wait()
        self.load_and_execute(who, interpreter)
        barrier.wait()
        self.end(who, interpreter)

    def threads(self):
        """Many threads of the main interpreter at once, for builds without a GIL."""
        if not self.load("main", None):
            return
        workers = [threading.Thread(target=self.execute, args=(f"thread {i}", None, True))
                   for i in range(self.scenario["interpreters"])]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def cycles(self):
        """Py_Initialize, import, run, Py_Finalize, as often as asked for; the first cycle is this process's own."""
        if self.load("main", None) and self.execute("main", None):
            with contextlib.suppress(AttributeError, ValueError):  # the module may have closed it, or taken it away
                sys.stdout.flush()
            code = CYCLE.format(path=self.scenario["path"], scenario=json.dumps(self.scenario))
            _runtime.cycle_at_exit(self.scenario["cycles"], code, self.events, sys.executable)

    def fork(self):
        """A child process goes on with the module that its parent loaded."""
        if not (self.load("main", None) and self.execute("main", None)):
            return
        self.emit(begin="fork", who="main")
        child = os.fork()
        if child == 0:
            self.execute("fork", None)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        signal_number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        text = f"the forked process died of signal {signal_number}" if signal_number else ""
        self.emit(end="fork", who="main", ok=not text, text=text)


def one_cycle(scenario, number):
    """What a Python that was started again runs; its end is reported by who finalises it."""
    child = Child(json.loads(scenario))
    who = f"cycle {number}"
    if child.load(who, None):
        child.execute(who, None)
    child.emit(begin="finalise", who=who)


def limit_memory(megabytes):
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def watch(scenario):
    """What went wrong, as sentences."""
    gc.disable()  # which else looks at each of many objects again and again
    try:
        with open(scenario["watched"], "rb") as file:
            return runtime.watch_files(marshal.loads(file.read()), scenario["module"])
    finally:
        gc.enable()


def main():
    scenario = json.load(sys.stdin)
    supervisor.begin(scenario["events"])
    faulthandler.register(signal.SIGUSR2, all_threads=False)  # scenarios.show_stacks
    sys.path[:0] = [entry for entry in scenario["path"] if entry not in sys.path]
    scenario["path"] = list(sys.path)
    if scenario["memory"]:
        limit_memory(scenario["memory"])
    child = Child(scenario)
    problems = watch(scenario) if child.watching else []
    if problems:
        child.emit(unusable="; ".join(problems))
    else:
        try:
            getattr(child, scenario["shape"])()
        except Exception as error:  # of ours: those of the module are caught where it runs
            child.emit(unusable=f"the harness cannot go on beside {scenario['module']}: {error!r}")
    child.emit(done=True)


if __name__ == "__main__":
    main()
