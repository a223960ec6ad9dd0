"""Channels in asyncio: one eventfd for each event loop, which whoever does a case writes to."""
import asyncio
import os
import weakref

from ringfence import _runtime
from ringfence._errors import ChannelError

bells = weakref.WeakKeyDictionary()  # of event loops


class Bell:
    """The descriptor of one loop, and the waits that may be over when it rings."""

    def __init__(self, loop):
        self.fd = open_eventfd()
        self.waits = {}
        loop.add_reader(self.fd, self.ring)
        weakref.finalize(self, os.close, self.fd)

    def ring(self):
        try:
            os.read(self.fd, 8)
        except BlockingIOError:
            pass
        for wait, future in [item for item in self.waits.items() if item[0].over()]:
            del self.waits[wait]
            if not future.done():
                future.set_result(None)


def open_eventfd():
    if hasattr(os, "eventfd"):
        return os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
    import ctypes
    fd = ctypes.CDLL(None, use_errno=True).eventfd(0, os.O_NONBLOCK | os.O_CLOEXEC)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "eventfd")
    return fd


async def wait(cases):
    """(index, value) of the case that was done, as select."""
    loop = asyncio.get_running_loop()
    bell = bells.get(loop)
    if bell is None:
        bell = bells[loop] = Bell(loop)
    begun = _runtime.Wait(cases, bell.fd)
    if not begun.over():
        future = loop.create_future()
        bell.waits[begun] = future
        try:
            await future
        except asyncio.CancelledError:
            bell.waits.pop(begun, None)
            withdraw(begun)
            raise
    return begun.end()


def withdraw(begun):
    """Now, not when nobody holds the wait any more: tracebacks and tasks do. What was done already stays done."""
    try:
        begun.end()
    except ChannelError:
        pass
