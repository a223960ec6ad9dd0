"""Run in the Python under test with failing_malloc.c preloaded: no memory at each allocation of each of
these programs, once in the thread that asks and once in the interpreter's own. It ends in MemoryError or with the right
result, nothing hangs, leaks or breaks, and it goes on. (No generators and no starts
of threads: CPython itself crashes where it has no memory for one.)

    channels_memory.py [SECONDS]   of each program and thread at most, default 5"""
import gc
import sys
import sysconfig
import threading
import time

from ringfence import _runtime, interpreters
from ringfence.channels import Buffer, Channel, WouldBlock, move, pickled, select, share
from ringfence.csp import Barrier
from ringfence.pools import InterpreterPool
from ringfence.sharing import Event, Lock, Queue

VALUE = (1, 2**200, 2.5, 1j, "text", "\u20ac", b"bytes", None, True, (frozenset((1, 2)), ((),)))


def echo(*values):
    return values


def values():
    channel = Channel(2)
    channel.send(VALUE)
    return channel.receive() == VALUE


def buffers():
    channel = Channel(None)
    buffer, small = Buffer(b"abc"), bytearray(b"def")
    channel.send((move(buffer), move(small), share(b"ghi")))
    return [bytes(each) for each in channel.receive()] == [b"abc", b"def", b"ghi"]


def a_move_that_fails_leaves_the_buffer():
    channel, buffer = Channel(1), Buffer(b"abc")
    try:
        channel.send(move(buffer))
    except MemoryError:
        return not buffer.gone and bytes(buffer) == b"abc" and reraise()
    return buffer.gone and bytes(channel.receive()) == b"abc"


def reraise():
    raise MemoryError


def channels_in_channels():
    outer, inner = Channel(1), Channel(1, "inner")
    outer.send((inner.sender, inner.receiver))
    sender, receiver = outer.receive()
    sender.send(pickled([1]))
    return receiver.receive() == [1]


def selects():
    channels = [Channel(1) for _ in range(12)]
    index, _ = select(*[(each, i) for i, each in enumerate(channels)])
    got = select(*channels) == (index, index)
    try:
        select(*channels, timeout=0.001)
    except TimeoutError:
        pass
    return got


def answer():
    for value in THERE:
        BACK.send(value)


def wakes_a_thread():
    while BACK.wait(0):  # of a time in which there was no memory to receive it
        BACK.receive()
    THERE.send("x")
    return BACK.receive() == "x"


def shared_things():
    queue, lock, event, barrier = Queue(2), Lock(), Event(), Barrier(1)
    queue.put(1)
    event.set()
    with lock:
        barrier.wait()
        return queue.get() == 1 and event.wait(1)


def calls():
    return CALLED.call(echo, *VALUE) == VALUE


def executes():
    CALLED.exec("import math\nx = [math.sqrt(i) for i in range(10)]")
    return True


def moves_there():
    return CALLED.call(echo, move(Buffer(10)))[0].nbytes == 10


def raises():
    try:
        CALLED.call(int, "no number")
    except (ValueError, interpreters.RemoteError) as error:  # where its type cannot be looked up
        return "no number" in str(error)


def lists_and_passes_handles():
    return CALLED in interpreters.list_all() and CALLED.call(echo, CALLED) == (CALLED,)


def submits():
    return POOL.submit(pow, 2, 5).result(20) == 32


def is_about_memory(error):
    """Python's own code makes other exceptions of MemoryError now and then: of a lock, or, where it has no memory for a frame of
    the traceback, of a Python function. (Of a C function it would say "<built-in".)"""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        text = f"{type(error).__name__} {error} {getattr(error, 'remote_traceback', '')}"
        if any(word in text for word in ("MemoryError", "no memory", "can't allocate lock", "error return without exception set",
                                         "<function")):
            return True
        error = error.__cause__ or error.__context__
    return False


def counted():
    gc.collect()
    return _runtime.channel_counts()


def settled(before):
    """The counts, when threads that still hold something have let go."""
    end = time.time() + 5
    while counted() != before and time.time() < end:
        time.sleep(0.005)
    return counted()


def attempt(program, thread, n, count):
    """Whether an allocation failed: else n is behind the last."""
    problem = None
    shim.fail_in(thread, n, count)
    try:
        right = program()
    except BaseException as error:
        problem, right = error, False
    failed = shim.end_failing()
    if problem is not None and not (failed and is_about_memory(problem)):
        raise problem
    assert right or problem is not None, (program.__name__, n)
    del problem
    return failed


def torment(program, thread, limit, count):
    program()
    program()
    time.sleep(0.05)  # other threads let go of what it used
    before, end, n = counted(), time.time() + limit, 0
    while time.time() < end:
        step = 1 if n < 400 else 7
        if not attempt(program, thread, n, count):
            break
        assert program(), (program.__name__, n, "it does not go on")
        n += step
    after = settled(before)
    assert after == before, (program.__name__, thread, "leaked", before, after)
    return n, time.time() < end


def main(limit):
    here, there = threading.get_native_id(), CALLED.call(threading.get_native_id)
    local = (values, buffers, a_move_that_fails_leaves_the_buffer, channels_in_channels, selects, wakes_a_thread, shared_things,
             calls, executes, moves_there, raises, lists_and_passes_handles, submits)
    remote = (calls, moves_there)  # the others compile, or format a traceback: CPython crashes
    for thread, programs in ((here, local), (there, remote)):
        for program in programs:
            for count in (1,) if program is submits else (1, 20):  # a Condition without memory in its __exit__ stays locked
                faulthandler.dump_traceback_later(12 * limit + 60, exit=True)
                n, whole = torment(program, thread, limit, count)
                print(f"{program.__name__}{'' if thread == here else ', there'}: {n} allocations, {count} fail"
                      f"{'' if whole else ', not all'}", flush=True)
    faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    import ctypes  # which not every interpreter can load
    import faulthandler
    shim = ctypes.CDLL(None)
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):  # 3.13t breaks its heap where it has no memory for a list: ours alone fails
        shim.fail_in_python()
    THERE, BACK = Channel(), Channel(1)
    threading.Thread(target=answer, daemon=True).start()
    with interpreters.create() as CALLED, InterpreterPool(1) as POOL:
        main(float((sys.argv[1:] or ["5"])[0]))
