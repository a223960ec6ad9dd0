"""Run by test_channels.py in the Python under test: the standard library's own tests of the interfaces that pools and sharing have,
where it comes with them. What does not apply is named here, with the reason."""
import functools
import importlib
import multiprocessing.dummy
import queue
import unittest

from ringfence import sharing
from ringfence.pools import InterpreterPool

INSIDES = "is about the insides of the standard library's"
NOT_HERE = "is of something that is not offered"


def found(*names):
    """The first of the modules that this Python has, as Debian's may lack the tests."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            pass
    return None


def applied(case, attributes, without):
    """A test case of the standard library's `case` (or mixins), `without` some: {reason: names}."""
    cases = case if isinstance(case, tuple) else (case,)
    left_out = {name: None for names in without.values() for name in names.split()}
    return type("Standard" + cases[0].__name__, cases, {**attributes, **left_out, "__module__": __name__})


def lock_cases():
    tests = found("test.lock_tests")
    if tests:
        yield applied(tests.EventTests, {"eventtype": staticmethod(sharing.Event)}, {
            INSIDES: "test_at_fork_reinit test_reset_internal_locks test_repr"})
        yield applied(tests.LockTests, {"locktype": staticmethod(sharing.Lock)}, {
            INSIDES: "test_at_fork_reinit test_repr test_locked_repr test_weakref_exists test_weakref_deleted test_reacquire"})
        for case, kind in ((tests.SemaphoreTests, sharing.Semaphore), (tests.BoundedSemaphoreTests, sharing.BoundedSemaphore)):
            yield applied(case, {"semtype": staticmethod(kind)}, {INSIDES: "test_repr"})


def pool_cases():
    folder = found("test.test_concurrent_futures")
    if folder is None:
        return
    split = hasattr(folder, "__path__")  # one file before 3.12
    part = {name: importlib.import_module(f"test.test_concurrent_futures.{name}") if split else folder
            for name in ("executor", "test_as_completed", "test_wait", "test_shutdown", "test_init")}

    def set_up(self):
        self.executor = InterpreterPool(self.worker_count, **getattr(self, "executor_kwargs", {}))

    def tear_down(self):
        self.executor.shutdown()

    around = {"worker_count": 5, "setUp": set_up, "tearDown": tear_down, "executor_type": InterpreterPool,
              "create_event": lambda self: sharing.Event()}
    yield applied((part["executor"].ExecutorTest, unittest.TestCase), around, {
        NOT_HERE: "test_no_stale_references test_free_reference test_swallows_falsey_exceptions test_submit_keyword",  # what it passes
        INSIDES: "test_max_workers_negative"})
    yield applied((part["test_as_completed"].AsCompletedTests, unittest.TestCase), around, {INSIDES: "test_correct_timeout_exception_msg"})
    yield applied((part["test_wait"].WaitTests, unittest.TestCase), around, {})
    yield applied((part["test_shutdown"].ExecutorShutdownTest, unittest.TestCase), around, {
        # They import the executor by its name: test_ends of inside_pools.py does the same.
        INSIDES: "test_interpreter_shutdown test_submit_after_interpreter_shutdown test_hang_gh83386 test_hang_issue39205"})
    init = part["test_init"]
    yield applied((init.InitializerMixin, unittest.TestCase), {
        **around, "executor_kwargs": {"initializer": init.init, "initargs": ("initialized",)}}, {})


def queue_cases():
    tests = found("test.test_queue")
    if tests is None:
        return

    def set_up(self):
        self.cum, self.cumlock = 0, sharing.Lock()

    yield applied((tests.BaseQueueTestMixin, unittest.TestCase), {
        "queue": queue, "type2test": staticmethod(functools.partial(sharing.Queue, pickle=True)), "setUp": set_up}, {
        INSIDES: "test_shrinking_queue"})  # sets maxsize later


def multiprocessing_cases():
    """Those of multiprocessing, with threads for its processes."""
    tests = found("test._test_multiprocessing")
    if tests is None:
        return
    kinds = {name: staticmethod(getattr(sharing, name)) for name in ("Lock", "Semaphore", "BoundedSemaphore", "Event")}
    kinds.update((name, staticmethod(functools.partial(getattr(sharing, name), pickle=True)))
                 for name in ("Queue", "JoinableQueue", "Pipe"))
    around = {"TYPE": "threads", "Process": multiprocessing.dummy.Process, **kinds}
    yield applied((tests._TestQueue, unittest.TestCase), around, {})
    yield applied((tests._TestLock, unittest.TestCase), around, {NOT_HERE: "test_rlock test_rlock_context"})
    yield applied((tests._TestSemaphore, unittest.TestCase), around, {})
    yield applied((tests._TestEvent, unittest.TestCase), around, {})
    yield applied((tests._TestPoll, unittest.TestCase), around, {})
    yield applied((tests._TestConnection, unittest.TestCase), around, {
        INSIDES: "test_connection",  # takes as bytes what was sent as an object
        NOT_HERE: "test_spawn_close"})  # close() in one process alone
    yield applied((tests._TestConnection, unittest.TestCase), {**around, "TYPE": "processes"}, {
        INSIDES: "test_fd_transfer test_large_fd_transfer test_missing_fd_transfer test_connection",  # file descriptors
        NOT_HERE: "test_spawn_close test_context"})  # what a closed end says


def load_tests(loader, tests, _):
    for cases in (lock_cases, pool_cases, queue_cases, multiprocessing_cases):
        for case in cases():
            tests.addTests(loader.loadTestsFromTestCase(case))
    return tests


if __name__ == "__main__" and found("test.lock_tests"):
    unittest.main()
