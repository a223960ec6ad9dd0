"""How the processes of ringfence.csp run: one interpreter or thread each, in one network."""

from ringfence import _calls, _remote, _runtime, _threads
from ringfence._errors import Deadlock, Poisoned
from ringfence._runtime import Channel


def run(network, done, index, name, function, arguments, keywords):
    """A process, from its begin to its end, in a thread of its own. Its outcome is in `done` before it has ended, so that who
    waits for that is never the last one that could go on."""
    network.begin(name)
    try:
        done.send(outcome(index, _calls.find(function), arguments, dict(keywords)))
    finally:
        _runtime.process_end()


def outcome(index, function, arguments, keywords):
    try:
        value = getattr(function, "function", function)(*arguments, **keywords)
        if not _runtime.passable(value):
            Channel(1).send(value)  # raises what says which part cannot be passed
        return (index, "value", value)
    except Poisoned:
        poison(arguments, keywords)
        return (index, "poisoned", None)
    except BaseException as error:
        poison(arguments, keywords)
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        return (index, "error", _remote.describe(error))


def poison(*values):
    """All channels in what a process was given: its partners end, too."""
    for value in values:
        if isinstance(value, dict):
            poison(*value.values())
        elif isinstance(value, (tuple, frozenset)):
            poison(*value)
        elif hasattr(value, "poison"):
            value.poison()


def begin_in_thread(network, done, index, name, process):
    request = (network, done, index, name, process.described, process.arguments, tuple(process.keywords.items()))
    _threads.begin(run, *request, name=name)
    return None


def begin_in_interpreter(network, done, index, name, process):
    from ringfence import interpreters
    made = interpreters.create(name, serial=True)
    arguments = (network, done, index, name, process.described, process.arguments, tuple(process.keywords.items()))
    made._handle.post((None, "call", ("name", "ringfence._csp:run"), arguments, ()), done)
    return made


def run_all(processes, begin):
    """The outcomes (kind, value), in the order of the processes, and the report of a deadlock or None. All have ended then."""
    network = _runtime.process_network()
    root = network is None
    if root:
        network = _runtime.Network()
        network.expect()
        network.begin("main")
    done = Channel(None, "the end of its processes", inside=True)
    outcomes, made, begun = [None] * len(processes), [], 0
    try:
        for index, process in enumerate(processes):
            network.expect()
            begun += 1
            made.append(begin(network, done, index, process.name, process))
        collect(done, outcomes)
    except Deadlock:
        pass  # every process gets it, and so the outcomes come
    except BaseException:
        for process in processes:
            poison(process.arguments, process.keywords)
        for each in filter(None, made):
            each.close(interrupt=True)
        raise
    finally:
        if root:
            _runtime.process_end()
    report = network.report()
    if report and not root:  # this process got it, too, and passes it on
        for each in filter(None, made):
            each._handle.begin_close(False)
        raise Deadlock(report)
    collect(done, outcomes)
    for each in filter(None, made):
        each.close()
    return outcomes, report


def collect(done, outcomes):
    while None in outcomes:
        index, kind, value = done.receive()
        if index is not None:  # else an interpreter's own reply
            outcomes[index] = (kind, value)
        elif kind == "error":
            raise _remote.rebuild(value)
