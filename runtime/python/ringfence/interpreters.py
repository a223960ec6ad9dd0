"""Interpreters: several Pythons in one process, each with modules, globals and, from 3.12 on, a GIL of its own.

    from ringfence import interpreters
    with interpreters.create() as other:
        other.exec("import math; print(math.pi)")
        other.call(math.factorial, 1000)        # waits; what is raised there is raised here
        future = other.run(heavy, 10)           # runs in the interpreter's thread meanwhile

An interpreter has one thread that makes it, runs what it is asked for, one thing after another, and ends it. It can be used
from every thread of every interpreter, and sent through channels. Arguments and results are passed as channels pass them."""
import atexit
import sys
from concurrent.futures import Future

from ringfence import _calls, _remote, _runtime, _threads
from ringfence._errors import Closed, InterpreterError, Interrupted, Poisoned, RemoteError, RemoteTraceback
from ringfence._runtime import Channel

__all__ = ["Interpreter", "InterpreterError", "RemoteError", "RemoteTraceback", "Reserve", "create", "current", "list_all"]
GILS = ("shared", "own", "best")
END_LIMIT = 5  # seconds that the end of the program waits for an interpreter, before and after it interrupts it


class Interpreter:
    """A handle of an interpreter. create() makes them; handles of one interpreter are equal."""

    def __init__(self, handle):
        self._handle = handle

    id = property(lambda self: self._handle.id, doc="Its number; the main interpreter is 0.")
    name = property(lambda self: self._handle.name or f"interpreter {self._handle.id}")
    own_gil = property(lambda self: self._handle.own_gil)
    state = property(lambda self: self._handle.state, doc="'idle', 'running', 'closing', 'closed', or 'dead'.")

    def exec(self, code, /):
        """Runs a string in its __main__. Waits; an exception there is raised here."""
        self._ask("exec", code, f"<{self.name}>")

    def prepare_main(self, **names):
        """Binds names in its __main__."""
        self._ask("prepare", tuple(names.items()))

    def call(self, function, /, *args, **kwargs):
        """Calls the function there and returns what it returns. Waits. A function is found by its name, also in the
        program's main file, which is then loaded there as multiprocessing does; lambdas and local functions go by their
        code, and what they close over by value. TypeError where something cannot be passed."""
        return self._ask("call", _calls.describe(function), args, tuple(kwargs.items()))

    def run(self, function, /, *args, **kwargs):
        """As call, without waiting: a concurrent.futures.Future. It cannot be cancelled."""
        replies = Channel(1)
        future = Future()
        self._handle.post((None, "call", _calls.describe(function), args, tuple(kwargs.items())), replies)
        future.set_running_or_notify_cancel()
        _threads.begin(self._resolve, future, replies, name=f"result of {self.name}")
        return future

    def _resolve(self, future, replies):
        try:
            future.set_result(self._outcome(replies.receive()))
        except Poisoned:
            future.set_exception(self._lost())
        except BaseException as error:
            future.set_exception(error)

    def import_modules(self, *names):
        """Imports them there, so that later calls need not."""
        self._ask("import", *names)

    def interrupt(self):
        """Raises KeyboardInterrupt in what runs there. True where something did. Code in C, and time.sleep, notice when
        they return."""
        return self._handle.interrupt(False)

    def close(self, timeout=None, *, interrupt=False):
        """Ends it when what was asked for is done, with interrupt=True at once: what runs gets SystemExit, what waits is
        dropped. TimeoutError where it has not ended after `timeout` seconds; it ends later then."""
        if self._handle.id == _runtime.interp_current():
            raise InterpreterError("an interpreter cannot wait for its own end")
        self._handle.begin_close(interrupt)
        if interrupt:
            self._handle.interrupt(True)
        try:
            self._handle.ended.wait(timeout)
        except Closed:
            return
        raise TimeoutError(f"{self.name} has not ended yet: it runs, or has threads that do")

    def _ask(self, *request):
        if self._handle.id == _runtime.interp_current():
            raise InterpreterError("an interpreter cannot wait for itself: call the function")
        replies = Channel(1)
        self._handle.post((None, *request), replies)
        try:
            reply = replies.receive()
        except Poisoned:
            raise self._lost() from None
        except KeyboardInterrupt:
            self._handle.interrupt(False)
            raise
        return self._outcome(reply)

    @staticmethod
    def _outcome(reply):
        if reply[1] == "value":
            return reply[2]
        raise _remote.rebuild(reply[2])

    def _lost(self):
        state = self._handle.state
        reason = ("died" if state == "dead" else "was closed" if state in ("closing", "closed") else "had no memory for it")
        return InterpreterError(f"{self.name} gave no answer: it {reason}")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.close(interrupt=kind is not None)

    def __eq__(self, other):
        return isinstance(other, Interpreter) and other.id == self.id and other._handle.ended == self._handle.ended

    def __hash__(self):
        return hash(self.id)

    def __repr__(self):
        return f"<{self.name}: {self.state}{', own GIL' if self.own_gil else ''}>"

    def __shared__(self):
        return (self.id, self._handle.ended)

    @classmethod
    def __from_shared__(cls, value):
        for handle in _runtime.interp_list():
            if (handle.id, handle.ended) == value:
                return cls(handle)
        raise InterpreterError(f"interpreter {value[0]} has ended")


def create(name=None, *, gil="best", serial=False, threads=True, daemon_threads=False, fork=False, exec=False,
           own_allocator=None, check_extensions=None, imports=()):
    """A new interpreter.

    gil: "own" (from Python 3.12 on; InterpreterError before), "shared" with the main interpreter, or "best": own where there
    is such a thing. serial: it may start no threads and not fork. threads, daemon_threads, fork, exec: what code in it may
    do. check_extensions: refuse extension modules that claim no support; None: where it has a GIL of its own. imports: modules
    that it imports before this returns."""
    if gil not in GILS:
        raise ValueError(f"gil is one of {', '.join(GILS)}")
    if getattr(sys.modules["__main__"], "__ringfence_loading__", False):
        raise InterpreterError("the program's main file makes interpreters when it is loaded in one: put that under "
                               "if __name__ == '__main__':")
    threads, fork, exec = threads and not serial, fork and not serial, exec and not serial
    daemon_threads = daemon_threads and threads
    handle = _runtime.interp_create(name=name, gil=GILS.index(gil), own_allocator=tristate(own_allocator), threads=threads,
                                    daemon_threads=daemon_threads, fork=fork, exec=exec,
                                    check_extensions=tristate(check_extensions))
    made = Interpreter(handle)
    try:
        replies = Channel(1)
        handle.post(tuple(map(str, sys.path)), replies, True)
        problem = replies.receive()
        if problem is not None:
            raise InterpreterError(f"ringfence could not be imported in {made.name}: {problem.decode()}")
        if sys.version_info < (3, 12) and not (daemon_threads and fork and exec):
            made._ask("forbid", threads, daemon_threads, fork, exec)
        if imports:
            made.import_modules(*imports)
    except BaseException:
        handle.begin_close(True)
        raise
    return made


class Reserve:
    """Keeps `count` interpreters ready, made as create(**how) makes them, imports done: take() need not wait for one to be made.

        with interpreters.Reserve(2, imports=("json", "decimal")) as reserve:
            one = reserve.take()    # its taker closes it"""

    def __init__(self, count, **how):
        if count < 1:
            raise ValueError("a reserve has one interpreter at least")
        self._ready = Channel(count)
        self._problem = None
        self._maker = _threads.begin(self._make, how, name="reserve of interpreters")

    def _make(self, how):
        made = None
        try:
            while self._ready.state == "open":
                made = create(**how)
                self._ready.send(made)
        except (Closed, Interrupted):
            if made is not None:
                made._handle.begin_close(True)
        except BaseException as error:
            self._problem = error
            self._ready.close()

    def take(self, timeout=None):
        """One that is ready, else as soon as one is; TimeoutError."""
        try:
            return self._ready.receive(timeout)
        except Closed:
            raise InterpreterError(f"the reserve makes no more interpreters: {self._problem or 'it was closed'}") from self._problem

    def close(self):
        """Makes no more, and ends those that nobody took."""
        self._ready.close()
        self._maker.join()
        for left in self._ready:
            left.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def tristate(value):
    return -1 if value is None else int(value)


def list_all():
    """The live interpreters that create() made, in any interpreter, oldest first."""
    return sorted([Interpreter(handle) for handle in _runtime.interp_list()], key=Interpreter.id.fget)


def current():
    """The interpreter that this runs in; None in the main one, and in others that create() did not make."""
    here = _runtime.interp_current()
    return next((each for each in list_all() if each.id == here), None)


def close_all(limit=END_LIMIT):
    """Ends all interpreters: waits `limit` seconds, interrupts what still runs, and waits as long again. Returns those that
    have not ended."""
    live = list_all()
    for each in live:
        each._handle.begin_close(False)
    for interrupt in (False, True):
        for each in live:
            try:
                each.close(limit, interrupt=interrupt)
            except TimeoutError:
                pass
        live = [each for each in live if each.state not in ("closed", "dead")]
    return live


def at_exit():
    """Python aborts when it is finalised with live interpreters: they end here. One that does not is named, and the process
    ends without finalisation."""
    _runtime.interp_refuse_new(True)
    _runtime.allow_waits()  # the interpreter's threads have been told to end, and have
    for limit in (END_LIMIT, min(END_LIMIT, 5)):
        try:
            left = close_all(limit)
            break
        except BaseException:  # Ctrl-C, by somebody who does not want to wait so long
            left = list_all()
    if not left:
        return
    names = ", ".join(f"{each.name} ({each.state})" for each in left)
    print(f"ringfence: {names} cannot be ended; the process ends without finalising Python", file=sys.stderr)
    import os
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(1)


if _runtime.interp_current() == 0:
    _runtime.interp_refuse_new(False)  # Python may have been finalised and begun again
    atexit.register(at_exit)
