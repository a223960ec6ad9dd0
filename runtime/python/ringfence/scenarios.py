"""Runs one scenario in a child process with a limit, and reads its events into findings."""
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid

# What an ImportError says where somebody refuses to serve a second interpreter, and who says it.
REFUSALS = {
    "does not support loading in subinterpreters": "Python",
    "Interpreter change detected": "Cython",
    "PyO3 modules do not yet support subinterpreters": "PyO3",
    "PyO3 modules may only be initialized once": "PyO3",
    "keeps state for the whole process and is": "its load guard",
    "cannot load module more than once per process": "the module",
}
# CPython takes the other interpreters apart in a forked child without a thread state: there it waits for itself, or crashes.
FORKED = ("it forked while {} other interpreter{} lived: no Python from 3.9 to 3.14 gets its child through that, whatever the "
          "module does")
KEPT = ": a heap type's deallocator has to give back the type's reference, once for each instance"
LONE = {"changed", "type-mutated"}  # of what the watch sees, no fault while there is one interpreter
GROUP_MARGIN = re.compile(r"^  [+|] ")
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
OUTPUT_SHOWN = 8000  # bytes of a child's output that are kept
MARK = "RINGFENCE_SCENARIO"  # an environment variable by which the processes of a scenario are known


class Tail(threading.Thread):
    """Reads a pipe to its end and keeps the last bytes."""

    def __init__(self, pipe):
        super().__init__(daemon=True)
        self.pipe, self.kept = pipe, b""
        self.start()

    def run(self):
        with contextlib.suppress(OSError, ValueError):  # closed under our hands
            while chunk := os.read(self.pipe.fileno(), 1 << 16):
                self.kept = (self.kept + chunk)[-OUTPUT_SHOWN:]

    def text(self):
        self.join(1)  # not for ever: a process that got away may hold the other end
        return self.kept.decode(errors="replace")


def run(scenario, limit, expected):
    """The scenario's outcome: {"name", "status", "reason", "seconds", "findings", "results", "watch", "notes",
    "imported", "extensions"}. `expected` are the results of successive executions in a lone interpreter, None where they are not to be
    compared."""
    mark = uuid.uuid4().hex
    with tempfile.TemporaryFile() as events:
        start, told = time.monotonic(), None  # bytes of events that count: a signal may wake who hangs
        child = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "ringfence.child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, pass_fds=[events.fileno()], start_new_session=True, env=child_environment(mark))
        tail = Tail(child.stdout)
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(json.dumps(dict(scenario, events=events.fileno())).encode())
            child.stdin.close()
        try:
            code = child.wait(limit)
        except subprocess.TimeoutExpired:
            code, told = None, os.fstat(events.fileno()).st_size
            show_stacks([pid for pid in processes(mark) if pid != child.pid] or [child.pid])
        finally:
            child.terminate()  # ringfence.supervisor, which ends the others
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(10)
            left = end_all(child, mark)
        seconds = time.monotonic() - start
        events.seek(0)
        lines = [parsed for parsed in map(parse_event, events.read(told).splitlines()) if parsed]
        output = tail.text()
        child.stdout.close()
    if code is not None:
        left += sum(event.get("left", 0) for event in lines)
        code = next((event["status"] for event in lines if event.get("status") is not None), code)
    outcome = judge(lines, code, output, limit, expected)
    if left and code is not None:
        outcome["notes"].append(f"{left} process{'es' if left > 1 else ''} that it left running {'were' if left > 1 else 'was'} ended")
    return dict(outcome, name=scenario["name"], seconds=round(seconds, 2))


def child_environment(mark):
    """The child finds this very package, wherever it lies, and hashes as every other child does."""
    package_parent = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    path = os.pathsep.join(filter(None, [package_parent, os.environ.get("PYTHONPATH")]))
    return dict(os.environ, PYTHONPATH=path, PYTHONHASHSEED="0", **{MARK: mark})


def processes(mark):
    """The live processes of a scenario, also those that left its session (Linux)."""
    found, wanted = [], f"{MARK}={mark}".encode()
    for entry in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc/self") else ()):
        with contextlib.suppress(OSError), open(f"/proc/{entry}/environ", "rb") as environment:
            if wanted in environment.read().split(b"\0"):
                found.append(int(entry))
    return found


def end_all(child, mark):
    """Ends the child and whatever it left running; how many the latter were."""
    left = set()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGSTOP)  # so that none is born while they are counted
    while remaining := [pid for pid in processes(mark) if pid not in left]:
        for pid in remaining:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        left.update(remaining)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    return len(left - {child.pid})


def is_pending(task, number):
    """Whether the thread has not taken the signal yet."""
    with open(f"{task}/status", encoding="ascii", errors="replace") as file:
        return any(int(line.split()[1], 16) >> (number - 1) & 1 for line in file if line.startswith("SigPnd:"))


def show_stacks(pids):
    """Makes each thread of hung children write its Python stack: faulthandler answers in the thread that gets the signal."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import ctypes
        send = ctypes.CDLL(None).tgkill
        for pid in pids:
            for thread in os.listdir(f"/proc/{pid}/task"):
                send(pid, int(thread), signal.SIGUSR2)
                end = time.monotonic() + 2  # a busy machine lets a thread wait for its turn
                while is_pending(f"/proc/{pid}/task/{thread}", signal.SIGUSR2) and time.monotonic() < end:
                    time.sleep(0.01)
                time.sleep(0.05)  # one after another, so that lines stay whole


def parse_event(line):
    """A JSON event; None for half a line."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def judge(lines, code, tail, limit, expected):
    findings, results, watch, imported, extensions, notes, reason, done = [], {}, [], [], [], [], "", False
    running = {}  # interpreter -> step it is in
    live, forked, before_fork = 0, 0, None  # interpreters besides main; those at a fork; findings before it
    for event in lines:
        who = event.get("who")
        if "begin" in event:
            running[who] = event["begin"]
        elif "end" in event:
            running.pop(who, None)
            live += {"create": 1, "interpreter-end": -1}.get(event["end"], 0)
            if not event["ok"]:
                findings.append(failed_step(event))
            elif event["end"] == "exec":
                results.setdefault(who, []).append(event["text"])
        watch += event.get("watch", [])
        imported += event.get("imported", [])
        extensions += event.get("extensions", [])
        notes += [event["note"]] if "note" in event else []
        if "fork" in event and live and not forked:
            forked, before_fork = live, len(findings)
        reason = event.get("unusable", reason)
        done = done or event.get("done", False)
    where = ", ".join(f"{step} in {who}" for who, step in running.items()) or "start-up or shut-down"
    if code is None:
        findings.append({"kind": "hang", "where": where, "message": f"no end after {limit} s: {where}", "details": tail})
    elif code != 0 or not done:
        findings.append(dead_child(code, where, tail))
    findings += wrong_results(results, expected)
    if forked and findings[before_fork:]:
        reason = FORKED.format(forked, "" if forked == 1 else "s")
        notes += [finding["message"] for finding in findings[before_fork:]]
        del findings[before_fork:]
    lone = set(results) <= {"main"} and not any("create" in (event.get("begin"), event.get("end")) for event in lines)
    for report in watch:
        finding = watch_finding(report)
        if lone and report["kind"] in LONE:
            notes.append(finding["message"])
        else:
            findings.append(finding)
    return {"status": status_of(findings, reason), "reason": reason, "findings": findings, "results": results,
            "watch": watch, "notes": notes, "imported": imported, "extensions": extensions}


def status_of(findings, reason):
    """not-judged: it could not do what was asked of it, for the reason; refused: the module serves one interpreter only."""
    kinds = {finding["kind"] for finding in findings}
    if not kinds:
        return "not-judged" if reason else "passed"
    return "refused" if kinds == {"import-refused"} else "findings"


def watch_finding(report):
    owner = f", put there by interpreter {report['owner']}" if report["owner"] >= 0 else ""
    where = f"{report['step']} in interpreter {report['interpreter']}"
    return dict(report, kind="watch", violation=report["kind"], where=where, message=(
        f"{report['kind']}: {report['symbol']} ({report['source']}, {report['verdict']}) at {where}{owner}: {report['advice']}"))


def exception_of(text):
    """The lines of a traceback that say what was raised: all after the last frame. A group's stand behind a margin."""
    lines = [GROUP_MARGIN.sub("", line) for line in text.splitlines()] or [""]
    frames = [number for number, line in enumerate(lines) if line.startswith("  File ")]
    said = [number for number in range(frames[-1] if frames else 0, len(lines)) if lines[number][:1].strip()]
    return lines[said[0] if said else -1:]


def failed_step(event):
    text = event["text"].rstrip()
    raised = exception_of(text)
    first = raised[0]
    kind, by = "exception", next((who for sign, who in REFUSALS.items() if any(sign in line for line in raised)), None)
    if event["end"] == "instances":
        return {"kind": "leak", "where": "instances", "details": text, "message": text.replace("\n", "; ") + KEPT}
    if first.startswith("MemoryError"):
        kind = "out-of-memory"
    elif by:
        kind = "import-refused"
    where = f"{event['end']} in {event['who']}"
    return {"kind": kind, "where": where, "details": text,
            "message": f"{where}, refused by {by}: {first}" if by else f"{where}: {first}"}


def dead_child(code, where, tail):
    signs = ("MemoryError", "Cannot allocate memory", "memory allocation failed")
    memory = any(sign in tail for sign in signs) or code == -signal.SIGKILL
    if code < 0:
        cause = signal.Signals(-code).name
    else:
        cause = f"exit code {code}"
    kind = "out-of-memory" if memory else "crash"
    return {"kind": kind, "where": where, "message": f"{cause} in {where}", "details": tail}


def wrong_results(results, expected):
    """An interpreter's first execution must give what the first one gives in a lone interpreter, and so on."""
    if expected is None:
        return []
    findings = []
    for who, got in results.items():
        wanted = expected[1:] if who == "fork" else expected  # the forked process goes on where its parent was
        for position, (mine, right) in enumerate(zip(got, wanted), start=1):
            if ADDRESS.sub("", mine) != ADDRESS.sub("", right):
                where = f"exec in {who}"
                findings.append({"kind": "wrong-result", "where": where, "message":
                                 f"{where}: execution {position} gave {mine}, alone it gives {right}"})
                break
    return findings
