"""Queue, Event, Lock, Semaphore and Pipe between interpreters, with the names of threading, queue and multiprocessing.

All are made of channels, and can be passed through them, to calls and to pools. Times are seconds."""
import queue
import threading

from ringfence import _runtime
from ringfence._errors import Closed, WouldBlock
from ringfence._runtime import Channel

__all__ = ["Barrier", "BoundedSemaphore", "Connection", "Event", "JoinableQueue", "Lock", "Pipe", "Queue", "Semaphore", "ShutDown"]


class Shared:
    """Is passed as its channels and numbers."""

    def __shared__(self):
        return tuple(getattr(self, name) for name in self.__slots__)

    @classmethod
    def __from_shared__(cls, values):
        made = cls.__new__(cls)
        for name, value in zip(cls.__slots__, values):
            setattr(made, name, value)
        return made


def seconds(block, timeout):
    """The timeout of a channel for the pair that queues and locks have."""
    if not block:
        return 0
    if timeout is not None and timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")
    if timeout is not None and timeout > threading.TIMEOUT_MAX:
        raise OverflowError("timeout value is too large")
    return timeout


def packed(value, with_pickle):
    return _runtime.Mark(value, "pickle") if with_pickle and not _runtime.passable(value) else value


class ShutDown(Closed, *([queue.ShutDown] if hasattr(queue, "ShutDown") else [])):
    """The queue was closed or shut down. From Python 3.13 on also a queue.ShutDown."""


class Queue(Shared):
    """As queue.Queue and multiprocessing.Queue; maxsize 0 is unbounded. pickle=True also passes, as pickles, what channels do
    not."""

    __slots__ = ("_items", "_unfinished", "_all_done", "_pickle")

    def __init__(self, maxsize=0, *, pickle=False):
        self._pickle = pickle
        self._items = Channel(maxsize if maxsize > 0 else None)
        self._unfinished = Channel(1)  # a number, taken out to change it
        self._unfinished.send(0)
        self._all_done = Event()
        self._all_done.set()

    def put(self, item, block=True, timeout=None):
        self._count(1)
        try:
            self._items.send(packed(item, self._pickle), seconds(block, timeout))
        except BaseException as error:
            self._count(-1)
            if isinstance(error, TimeoutError):
                raise queue.Full from None
            if isinstance(error, Closed):
                raise ShutDown("the queue was closed") from None
            raise

    def get(self, block=True, timeout=None):
        try:
            return self._items.receive(seconds(block, timeout))
        except TimeoutError:
            raise queue.Empty from None
        except Closed:
            raise ShutDown("the queue was closed") from None

    def put_nowait(self, item):
        self.put(item, False)

    def get_nowait(self):
        return self.get(False)

    def _count(self, change):
        number = self._unfinished.receive()
        try:
            if number + change < 0:
                raise ValueError("task_done() called too many times")
            number += change
            if number:
                self._all_done.clear()
            else:
                self._all_done.set()
        finally:
            self._unfinished.send(number)
        return number

    def task_done(self):
        self._count(-1)

    def join(self):
        """Waits until task_done() was called for every item that was put."""
        self._all_done.wait()

    def qsize(self):
        return len(self._items)

    def empty(self):
        return not len(self._items)

    def full(self):
        return self.maxsize > 0 and len(self._items) >= self.maxsize

    maxsize = property(lambda self: self._items.capacity or 0)
    is_shutdown = property(lambda self: self._items.state != "open")
    unfinished_tasks = property(lambda self: self._count(0))

    def shutdown(self, immediate=False):
        """Nothing more can be put; what is there can be got, with immediate=True nothing, then get() raises ShutDown."""
        self._items.close()
        if immediate:
            for _ in self._items:
                self._count(-1)

    def close(self):
        """As shutdown(), for all interpreters: multiprocessing's closes for one process."""
        self.shutdown()

    def join_thread(self):
        """There is no such thread: what put() has returned from can be got."""

    cancel_join_thread = join_thread


JoinableQueue = Queue


class Event(Shared):
    """As threading.Event."""

    __slots__ = ("_flag",)

    def __init__(self):
        self._flag = Channel(1)  # holds something while it is set

    def is_set(self):
        return len(self._flag) > 0

    def set(self):
        try:
            self._flag.send(None, 0)
        except WouldBlock:
            pass

    def clear(self):
        try:
            self._flag.receive(0)
        except WouldBlock:
            pass

    def wait(self, timeout=None):
        return self._flag.wait(timeout)

    def __repr__(self):
        return f"<{type(self).__name__}: {'set' if self.is_set() else 'unset'}>"


class Semaphore(Shared):
    """As threading.Semaphore and multiprocessing.Semaphore."""

    __slots__ = ("_free",)
    bounded = False

    def __init__(self, value=1):
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        self._free = Channel(value if self.bounded else None)  # an item for each that can still acquire it
        for _ in range(value):
            self._free.send(None)

    def acquire(self, blocking=True, timeout=None):
        if not blocking and timeout not in (None, -1):
            raise ValueError("can't specify a timeout for a non-blocking call")
        try:
            self._free.receive(seconds(blocking, None if timeout == -1 else timeout))
        except TimeoutError:
            return False
        return True

    def release(self, n=1):
        if n < 1:
            raise ValueError("n must be one or more")
        if self.bounded and len(self._free) + n > self._free.capacity:
            raise self._released()
        try:
            for _ in range(n):
                self._free.send(None, 0)
        except WouldBlock:
            raise self._released() from None

    @staticmethod
    def _released():
        return ValueError("Semaphore released too many times")

    def get_value(self):
        return len(self._free)

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_):
        self.release()


class BoundedSemaphore(Semaphore):
    """As threading.BoundedSemaphore: ValueError where it is released more often than acquired."""

    __slots__ = ("_free",)
    bounded = True


class Lock(BoundedSemaphore):
    """As threading.Lock."""

    __slots__ = ("_free",)

    def __init__(self):
        super().__init__(1)

    def locked(self):
        return not len(self._free)

    @staticmethod
    def _released():
        return RuntimeError("release unlocked lock")


class Barrier(Shared):
    """As threading.Barrier, without action, abort and reset: wait() returns when `parties` have come."""

    __slots__ = ("parties", "_state")

    def __init__(self, parties, name="barrier", *, inside=False):
        if parties < 1:
            raise ValueError("parties must be >= 1")
        self.parties = parties
        self._state = Channel(1, f"the state of {name}", inside=inside)  # (how many have come, the gate, name, inside)
        self._state.send((0, Channel(0, name, inside=inside), name, inside))

    def wait(self):
        """Returns the number in which it came, 0 to parties - 1."""
        count, gate, name, inside = self._state.receive()
        if count + 1 == self.parties:
            self._state.send((0, Channel(0, name, inside=inside), name, inside))
            gate.close()
            return count
        self._state.send((count + 1, gate, name, inside))
        try:
            gate.receive()
        except Closed:
            return count


class Connection(Shared):
    """As multiprocessing.connection.Connection. close() ends both directions for everybody who has it."""

    __slots__ = ("_out", "_in", "_pickle", "closed")

    def __init__(self, out, in_, pickle=False):
        self._out, self._in, self._pickle, self.closed = out, in_, pickle, False

    readable = property(lambda self: self._in is not None)
    writable = property(lambda self: self._out is not None)

    def send(self, value):
        if self.closed:
            raise OSError("handle is closed")
        if self._out is None:
            raise OSError("connection is read-only")
        try:
            self._out.send(packed(value, self._pickle))
        except Closed:
            raise BrokenPipeError("the other end of the pipe was closed") from None

    def recv(self):
        try:
            return self._readable().receive()
        except Closed:
            raise EOFError("the other end of the pipe was closed") from None

    def send_bytes(self, data, offset=0, size=None):
        view = memoryview(data).cast("B")
        end = len(view) if size is None else offset + size
        if not 0 <= offset <= end <= len(view):
            raise ValueError("offset and size are not within the data")
        self.send(bytes(view[offset:end]))

    def recv_bytes(self, maxlength=None):
        if maxlength is not None and maxlength < 0:
            raise ValueError("maxlength is negative")
        data = self.recv()
        if maxlength is not None and len(data) > maxlength:
            raise OSError("bad message length")
        return data

    def recv_bytes_into(self, buffer, offset=0):
        """Returns how many bytes were received. multiprocessing.BufferTooShort, which has the message, where it has no room."""
        view = memoryview(buffer).cast("B")
        if not 0 <= offset <= len(view):
            raise ValueError("offset is not within the buffer")
        data = self.recv()
        if offset + len(data) > len(view):
            from multiprocessing import BufferTooShort
            raise BufferTooShort(data)
        view[offset:offset + len(data)] = data
        return len(data)

    def poll(self, timeout=0.0):
        """Whether recv() would return at once, or raise EOFError."""
        try:
            return self._readable().wait(timeout)
        except Closed:
            return True

    def _readable(self):
        if self.closed:
            raise OSError("handle is closed")
        if self._in is None:
            raise OSError("connection is write-only")
        return self._in

    def close(self):
        self.closed = True
        for side in (self._out, self._in):
            if side is not None:
                side.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def Pipe(duplex=True, *, pickle=False):
    """Two connected Connections; with duplex=False the first only receives and the second only sends. pickle=True also passes,
    as pickles, what channels do not."""
    one, other = Channel(None), Channel(None) if duplex else None
    return Connection(other, one, pickle), Connection(one, other, pickle)
