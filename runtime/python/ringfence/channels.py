"""Channels: values and buffers between threads and interpreters of one process.

    from ringfence.channels import Channel, Buffer, move, select
    jobs = Channel(8)                       # holds 8 values; 0: a rendezvous, None: unbounded
    jobs.send(("resize", move(buffer)))     # waits while it is full
    for name, image in jobs: ...            # until it is closed

By value: None, bool, int, float, complex, str, bytes, tuples and frozensets of these. Buffers (bytearray, memoryview, array,
NumPy's arrays) arrive as Buffer, with shape, strides and format: copied, unless the sender says move(x) or share(x). Channels
themselves. Types that register a conversion. pickled(x), where that is what you want. Timeouts are seconds; docs/channels.md
has the whole picture."""
import threading

from ringfence import _names, _runtime
from ringfence._errors import ChannelError, Closed, Deadlock, Interrupted, Poisoned, WouldBlock
from ringfence._runtime import Buffer, Channel

__all__ = ["Buffer", "Channel", "ChannelError", "Closed", "Deadlock", "Interrupted", "Poisoned", "WouldBlock", "copy", "move",
           "pickled", "receive_async", "register", "select", "send_async", "share"]


def move(buffer):
    """Passes a Buffer or bytearray by ownership: when it was sent, it is gone here. BufferError where views of it exist."""
    return _runtime.Mark(buffer, "move")


def share(buffer):
    """Passes a buffer read-only. A Buffer is frozen for ever and never copied; anything else is copied once."""
    return _runtime.Mark(buffer, "share")


def copy(buffer):
    """Passes a copy of a buffer, which is what happens without a mark."""
    return _runtime.Mark(buffer, "copy")


def pickled(value):
    """Passes any value as a pickle of it."""
    return _runtime.Mark(value, "pickle")


def register(type_, to_shared, from_shared):
    """Values of exactly this type are passed as what to_shared(value) returns, and from_shared makes a value of that again.
    from_shared is a function that can be imported: the receiver needs no registration. A type may instead have a method
    __shared__ and a class method __from_shared__."""
    name = _names.name_of(from_shared)
    if name is None:
        raise TypeError(f"{from_shared!r} cannot be found by its name in another interpreter")
    _runtime.register_conversion(type_, to_shared, name)


def select(*cases, timeout=None, priority=False):
    """Does exactly one of the cases and returns (its index, the value received or None). A case is a channel to receive
    from, a pair (channel, value) to send, or None, which is never ready. Of several that are ready any is taken, with
    priority=True the first. TimeoutError, WouldBlock; Closed or Poisoned where the chosen channel is."""
    return _runtime.select(cases, timeout, priority)


async def receive_async(channel):
    """As channel.receive(), for asyncio: other tasks run meanwhile. A task that is cancelled has received nothing."""
    from ringfence import _aio
    while True:
        try:
            return channel.receive(timeout=0)
        except WouldBlock:
            await _aio.wait(((channel,),))


async def send_async(channel, value):
    """As channel.send(value), for asyncio. A task that is cancelled may have sent it."""
    from ringfence import _aio
    await _aio.wait(((channel, value),))


# Who waits in a thread would keep the interpreter from ending, which waits for its threads.
getattr(threading, "_register_atexit", lambda function: None)(_runtime.end_waits)
