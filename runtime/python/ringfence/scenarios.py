"""Runs one scenario in a child process with a limit, and reads its events into findings."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

REFUSED = "does not support loading in subinterpreters"
OUTPUT_SHOWN = 2000  # characters of a dead child's standard error that a finding carries


def run(scenario, limit, expected):
    """The scenario's outcome: {"name", "status", "seconds", "findings", "results", "watch", "notes"}. `expected` are the
    results of successive executions in a lone interpreter, None where they are not to be compared."""
    with tempfile.TemporaryFile() as events, tempfile.TemporaryFile() as output:
        spec = dict(scenario, events=events.fileno())
        start = time.monotonic()
        child = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "ringfence.child"], stdin=subprocess.PIPE, stdout=output,
            stderr=output, pass_fds=[events.fileno()], start_new_session=True, env=child_environment())
        try:
            child.stdin.write(json.dumps(spec).encode())
            child.stdin.close()
        except BrokenPipeError:
            pass
        try:
            code = child.wait(limit)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            kill_session(child)
        seconds = time.monotonic() - start
        events.seek(0)
        output.seek(0)
        lines = [parsed for parsed in map(parse_event, events.read().decode(errors="replace").splitlines()) if parsed]
        tail = output.read().decode(errors="replace")[-OUTPUT_SHOWN:]
    outcome = judge(lines, code, tail, limit, expected)
    return dict(outcome, name=scenario["name"], seconds=round(seconds, 2))


def child_environment():
    """The child finds this very package, wherever it lies."""
    package_parent = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    path = os.pathsep.join(filter(None, [package_parent, os.environ.get("PYTHONPATH")]))
    return dict(os.environ, PYTHONPATH=path)


def kill_session(child):
    """The child and what it forked."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()


def parse_event(line):
    """A JSON event, or a line of the initialise-and-finalise cycles in the same form; None for half a line."""
    if line.startswith("cycle "):
        _, number, rest = line.split(" ", 2)
        who = f"cycle {number}"
        if rest == "begins":
            return {"begin": "exec", "who": who}
        if rest == "ends":
            return {"end": "finalise", "who": who, "ok": True, "text": ""}
        text = rest[1:].replace("\x1f", "\n")
        return {"end": "exec", "who": who, "ok": rest[:1] == "=", "text": text, "then": "finalise"}
    try:
        return json.loads(line)
    except ValueError:
        return None


def judge(lines, code, tail, limit, expected):
    findings, results, watch, notes, done = [], {}, [], [], False
    running = {}  # interpreter -> step it is in
    for event in lines:
        who = event.get("who")
        if "begin" in event:
            running[who] = event["begin"]
        elif "end" in event:
            running.pop(who, None)
            if "then" in event:
                running[who] = event["then"]
            if not event["ok"]:
                findings.append(failed_step(event))
            elif event["end"] == "exec":
                results.setdefault(who, []).append(event["text"])
        elif "watch" in event:
            watch.append(event["watch"])
        elif "note" in event:
            notes.append(event["note"])
        done = done or event.get("done", False)
    where = ", ".join(f"{step} in {who}" for who, step in running.items()) or "start-up or shut-down"
    if code is None:
        findings.append({"kind": "hang", "where": where, "message": f"no end after {limit} s: {where}"})
    elif code != 0 or not done:
        findings.append(dead_child(code, where, tail))
    findings += wrong_results(results, expected)
    findings += [watch_finding(report) for report in watch]
    return {"status": "findings" if findings else "passed", "findings": findings, "results": results, "watch": watch,
            "notes": notes}


def watch_finding(report):
    owner = f", put there by interpreter {report['owner']}" if report["owner"] >= 0 else ""
    where = f"{report['step']} in interpreter {report['interpreter']}"
    return dict(report, kind="watch", violation=report["kind"], where=where, message=(
        f"{report['kind']}: {report['symbol']} ({report['source']}, {report['verdict']}) at {where}{owner}: {report['advice']}"))


def failed_step(event):
    text = event["text"].strip()
    last = text.splitlines()[-1] if text else ""
    kind = "exception"
    if last.startswith("MemoryError"):
        kind = "out-of-memory"
    elif REFUSED in last:
        kind = "import-refused"
    where = f"{event['end']} in {event['who']}"
    return {"kind": kind, "where": where, "message": f"{where}: {last}", "details": text}


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
            if mine != right:
                where = f"exec in {who}"
                findings.append({"kind": "wrong-result", "where": where, "message":
                                 f"{where}: execution {position} gave {mine}, alone it gives {right}"})
                break
    return findings
