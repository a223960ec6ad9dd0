"""Threads of ringfence's own, which serve what the program has asked for."""
import threading

from ringfence import _runtime


def begin(target, *arguments, name=None):
    """Python's end does not wait for it. Only the main interpreter may have such threads; the end of any other stops their waits
    and waits for them."""
    thread = threading.Thread(target=target, args=arguments, name=name, daemon=_runtime.interp_current() == 0)
    thread.start()
    return thread
