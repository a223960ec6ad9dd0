"""Runs commands of a project: each with a time limit, in a session of its own, and with nothing left running behind it."""
import collections
import os
import signal
import subprocess
import threading
import time
import uuid

from ringfence import scenarios

KEPT = 64 << 20  # bytes of a command's output
Done = collections.namedtuple("Done", "code output seconds")  # code: None where the time was up


class Runner:
    """Commands whose homes, caches and temporary files are below one folder."""

    def __init__(self, folder, limit):
        self.folder, self.limit = folder, limit
        self.log = folder / "log.txt"
        for name in ("home", "tmp", "pip"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def environment(self, variables):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "VIRTUAL_ENV", "PYENV_"))}
        home = str(self.folder / "home")
        return {**kept, "HOME": home, "XDG_CACHE_HOME": f"{home}/.cache", "TMPDIR": str(self.folder / "tmp"),
                "PIP_CACHE_DIR": str(self.folder / "pip"), "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                "SETUPTOOLS_SCM_PRETEND_VERSION": "0.0.0", **variables}

    def run(self, command, cwd, limit=None, **variables):
        """`command`: words, or one line for the shell."""
        mark, start = uuid.uuid4().hex, time.monotonic()
        child = subprocess.Popen(
            command if isinstance(command, str) else [str(word) for word in command], shell=isinstance(command, str), cwd=cwd,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            env={**self.environment(variables), scenarios.MARK: mark})
        output = Output(child.stdout)
        try:
            code = child.wait(limit or self.limit)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            scenarios.end_all(child, mark)
        done = Done(code, output.text(), time.monotonic() - start)
        child.stdout.close()
        with self.log.open("a", encoding="utf-8") as log:
            shown = command if isinstance(command, str) else " ".join(map(str, command))
            print(f"$ {shown}\n{done.output}[{'time limit' if code is None else code}, {done.seconds:.1f} s]\n", file=log)
        return done


class Output(threading.Thread):
    """Reads a pipe to its end and keeps the first bytes."""

    def __init__(self, pipe):
        super().__init__(daemon=True)
        self.pipe, self.kept = pipe, bytearray()
        self.start()

    def run(self):
        try:
            while chunk := os.read(self.pipe.fileno(), 1 << 16):
                self.kept += chunk[:max(0, KEPT - len(self.kept))]
        except (OSError, ValueError):  # closed under our hands
            pass

    def text(self):
        self.join(2)  # not for ever: a process that got away may hold the other end
        return bytes(self.kept).decode(errors="replace")


def end_on_signals():
    """So that SIGTERM ends what runs as Ctrl-C does, also where a shell in the background has that ignored."""
    def end(number, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
