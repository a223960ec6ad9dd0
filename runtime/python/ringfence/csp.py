"""Communicating sequential processes, after Hoare: processes that share nothing and meet at channels.

    from ringfence.csp import Channel, parallel, process

    @process
    def numbers(out, n):
        for i in range(n):
            out.send(i)
        out.close()

    @process
    def squares(into, out): ...

    a, b = Channel("a"), Channel("b")
    parallel(numbers(a, 10), squares(a, b), printer(b))

A process is a function with its arguments. parallel() runs each in an interpreter of its own, which starts no threads and does
not fork; use("threads") runs them in threads of this interpreter instead. A process that ends because a channel is poisoned, or
with an exception, poisons the channels that it was given, so that a network ends as a whole. Where all processes wait for
each other, all get Deadlock, which says who waits for what."""
import functools
import os
import time

from ringfence import _calls, _csp, _remote, _runtime
from ringfence._errors import Closed, Deadlock, Poisoned
from ringfence.channels import select
from ringfence.sharing import Barrier as SharedBarrier
from ringfence.sharing import Shared

__all__ = ["Barrier", "Broadcast", "Channel", "Closed", "Deadlock", "Input", "Output", "Poisoned", "Skip", "Timer", "alternation",
           "parallel", "poison", "process", "replicate", "sequence", "use"]
PLACES = {"interpreters": _csp.begin_in_interpreter, "threads": _csp.begin_in_thread}
place = os.environ.get("RINGFENCE_CSP", "interpreters")
poison = _csp.poison


def use(where):
    """Where parallel() runs processes from now on: "interpreters" (the default) or "threads". The environment variable
    RINGFENCE_CSP says the same."""
    global place
    if where not in PLACES:
        raise ValueError(f"processes run in {' or in '.join(PLACES)}, not in {where!r}")
    place = where


# ---- Processes ----


class Process:
    """A function with its arguments, to be run by parallel() or sequence()."""

    def __init__(self, function, described, arguments, keywords, name):
        self.function, self.described = function, described
        self.arguments, self.keywords = arguments, keywords
        self.name = name

    def named(self, name):
        """The same, with another name in what a Deadlock says."""
        return Process(self.function, self.described, self.arguments, self.keywords, name)

    def __repr__(self):
        return f"<process {self.name}>"


class Definition:
    """What @process makes of a function: called with arguments it gives a Process; `function` is the function."""

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.function = function

    def __call__(self, *arguments, **keywords):
        described = _calls.name_of_definition(self) or _calls.describe(self.function)
        return Process(self.function, described, arguments, keywords, self.function.__name__)


def process(function):
    """Decorates a function: calling it makes a process, which parallel() runs."""
    return Definition(function)


def parallel(*processes):
    """Runs them at once and returns what they returned, in order, when all have ended; None for one that poison ended.
    Raises what one raised, or Deadlock. Processes may run others."""
    outcomes, report = _csp.run_all(processes, PLACES[place])
    errors = [_remote.rebuild(value) for kind, value in outcomes if kind == "error"]
    for error in errors:
        if not isinstance(error, Deadlock):  # what came of the error may be a deadlock
            raise error
    if report:
        raise Deadlock(report)
    return [value for _, value in outcomes]


def sequence(*processes):
    """Runs one after the other, here, and returns what they returned."""
    return [each.function(*each.arguments, **each.keywords) for each in processes]


def replicate(count, definition, *arguments):
    """`count` processes definition(i, *arguments), i from 0 on, numbered in their names: for parallel(*replicate(...))."""
    made = (definition(i, *arguments) for i in range(count))
    return [each.named(f"{each.name} {i}") for i, each in enumerate(made)]


# ---- Channels and barriers of processes ----


def Channel(name=None, *, buffered=0):
    """A channel that processes of one network alone use: a rendezvous, or with so many places (None: any number)."""
    return _runtime.Channel(buffered, name, inside=True)


def Barrier(parties, name="barrier"):
    """wait() returns when `parties` processes have come to it."""
    return SharedBarrier(parties, name, inside=True)


class Broadcast(Shared):
    """One sender, several receivers: send() ends when each of `ends` took the value."""

    __slots__ = ("ends",)

    def __init__(self, count, name="broadcast", *, buffered=0):
        self.ends = tuple(Channel(f"{name} {i}", buffered=buffered) for i in range(count))

    def send(self, value):
        left = list(self.ends)
        while left:
            chosen, _ = select(*((end, value) for end in left))
            del left[chosen]

    def close(self):
        for end in self.ends:
            end.close()

    def poison(self):
        for end in self.ends:
            end.poison()


# ---- Alternation ----


class Guard:
    """One branch of an alternation; `when` says whether it takes part."""

    def __init__(self, case=None, when=True):
        self.case = case if when else None
        self.when = when


class Input(Guard):
    """Input(channel): a value can be received from it."""

    def __init__(self, channel, *, when=True):
        super().__init__(channel, when)


class Output(Guard):
    """Output(channel, value): somebody takes the value."""

    def __init__(self, channel, value, *, when=True):
        super().__init__((channel, value), when)


class Skip(Guard):
    """Ready when no other guard is."""

    def __init__(self, *, when=True):
        super().__init__(None, when)


class Timer(Guard):
    """Timer(seconds): so much time has passed since it was made."""

    def __init__(self, seconds, *, when=True):
        super().__init__(None, when)
        self.end = time.monotonic() + seconds


def alternation(*guards, priority=False):
    """Waits until one guard is ready, does what it says, and returns (its index, the value received or None). Of several that
    are ready any is taken, with priority=True the first. ValueError where no guard takes part."""
    def indexes(kind):
        return [i for i, guard in enumerate(guards) if guard.when and isinstance(guard, kind)]
    if not any(guard.when for guard in guards):
        raise ValueError("no guard of the alternation takes part: it would wait for ever")
    skips, timers = indexes(Skip), sorted(indexes(Timer), key=lambda i: guards[i].end)
    timeout = 0 if skips else max(0, guards[timers[0]].end - time.monotonic()) if timers else None
    try:
        return select(*(guard.case for guard in guards), timeout=timeout, priority=priority)
    except TimeoutError:
        expired = [i for i in timers if guards[i].end <= time.monotonic()] or ([] if skips else timers[:1])
        return (expired or skips)[0], None
