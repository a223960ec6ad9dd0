"""Runs a scenario in a forked process, and ends whatever that leaves running: also what left its session and took other
names, which comes back to the nearest ancestor that asked for orphans (Linux)."""
import contextlib
import json
import os
import signal

from ringfence import _runtime

UNHEARD = 113  # the exit code of who cannot write events any more
TAKEN = "it took away what the harness reports through"


def begin(events):
    """Returns in the forked process. The other one stays until that has ended, or SIGTERM comes, which Python's end of the
    parent sends, too; it writes {"status": exit code, negative for a signal, "left": processes that it had to end}."""
    _runtime.adopt_orphans(signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: end(events, sweep(), None))
    worker = os.fork()
    if worker == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)  # the sign for stacks, which this process has none of
    for stream in (0, 1, 2):  # what reads them sees their end when the others are gone
        os.close(stream)
    _, status = os.waitpid(worker, 0)
    end(events, sweep(), status)


def end(events, left, status):
    code = None if status is None else os.waitstatus_to_exitcode(status)
    event = {"left": left, "status": code} if code != UNHEARD else {"left": left, "status": 0, "unusable": TAKEN, "done": True}
    os.write(events, json.dumps(event).encode() + b"\n")
    os._exit(0)


def parents():
    """The parent of each live process."""
    found = {}
    for entry in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc/self") else ()):
        with contextlib.suppress(OSError), open(f"/proc/{entry}/stat", "rb") as file:
            state, parent = file.read().rpartition(b")")[2].split()[:2]
            if state not in b"ZX":
                found[int(entry)] = int(parent)
    return found


def descendants():
    above, found = parents(), {os.getpid()}
    while more := {pid for pid, parent in above.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}


def sweep():
    """Ends all descendants; how many there were."""
    stopped = set()
    while new := descendants() - stopped:  # none is born while they are counted
        stopped |= new
        for pid in new:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
    for pid in stopped:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()  # until they are gone, or the harness would find them once more
    return len(stopped)
