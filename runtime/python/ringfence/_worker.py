"""What an interpreter of ringfence.interpreters runs in its own thread: the other side of requests."""
import importlib
import sys

from ringfence import _calls, _remote, _runtime

sys.modules["__main__"].__ringfence_worker__ = True
cannot_end = []  # functions that are called before it ends


def do_exec(code, name):
    exec(compile(code, name, "exec"), sys.modules["__main__"].__dict__)


def do_call(function, arguments, keywords):
    return _calls.find(function)(*arguments, **dict(keywords))


def do_prepare(names):
    sys.modules["__main__"].__dict__.update(names)


def do_import(*modules):
    for module in modules:
        importlib.import_module(module)


def do_forbid(threads, daemon_threads, fork, exec_):
    """Before 3.12 Python has no switches for these."""
    import _thread
    import os
    import threading

    def forbidden(*_, **__):
        raise RuntimeError("this interpreter was made without threads, daemon threads, fork or exec")

    targets = [(_thread, ("start_new_thread", "start_new"))] if not threads else []
    targets += [(os, ("fork", "forkpty"))] if not fork else []
    targets += [(os, ("execv", "execve", "execvp", "execvpe", "execl", "execle", "execlp", "execlpe"))] if not exec_ else []
    if not threads:
        threading._start_new_thread = forbidden
    if not daemon_threads:
        start = threading.Thread.start
        threading.Thread.start = lambda self: forbidden() if self.daemon else start(self)
    for module, names in targets:
        for name in names:
            if hasattr(module, name):
                setattr(module, name, forbidden)


def handle(request):
    """(tag, "value", what was returned) or (tag, "error", the exception as a value)."""
    tag, kind, *arguments = request
    handle.tag = tag
    try:
        return (tag, "value", globals()["do_" + kind](*arguments))
    except BaseException as error:
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        return (tag, "error", _remote.describe(error))


def describe(error):
    return (handle.tag, "error", _remote.describe(error))


handle.tag = None


def finish():
    """Ends what still waits here, and waits for the threads that code here has started."""
    _runtime.end_waits()
    threading = sys.modules.get("threading")
    if threading is None:
        return
    for thread in threading.enumerate():  # the main thread that threading knows may be the process's
        if not thread.daemon and thread.ident != threading.get_ident() and thread is not threading.main_thread():
            thread.join()
    # What 3.13 keeps of a thread that it did not start would be cleared too late, and complain.
    getattr(getattr(threading, "_thread_local_info", None), "__dict__", {}).pop("_track_dummy_thread_ref", None)
