"""Run by test_channels.py in the Python under test: the standard library's own tests of the interfaces that pools and sharing have,
where it comes with them. What does not apply is named here, with the reason."""
import importlib
import queue
import unittest

from ringfence.pools import InterpreterPool
from ringfence.sharing import BoundedSemaphore, Event, Lock, Queue

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
        yield applied(tests.EventTests, {"eventtype": staticmethod(Event)}, {
            INSIDES: "test_at_fork_reinit test_reset_internal_locks test_repr"})
        yield applied(tests.LockTests, {"locktype": staticmethod(Lock)}, {
            INSIDES: "test_at_fork_reinit test_repr test_locked_repr test_weakref_exists test_weakref_deleted test_reacquire"})
        yield applied(tests.BoundedSemaphoreTests, {"semtype": staticmethod(BoundedSemaphore)}, {
            NOT_HERE: "test_multirelease test_multirelease_invalid test_release_unacquired test_repr test_constructor"})


def pool_cases():
    folder = found("test.test_concurrent_futures")
    if folder is None:
        return
    split = hasattr(folder, "__path__")  # one file before 3.12
    part = {name: importlib.import_module(f"test.test_concurrent_futures.{name}") if split else folder
            for name in ("executor", "test_as_completed", "test_wait")}

    def set_up(self):
        self.executor = InterpreterPool(self.worker_count)

    def tear_down(self):
        self.executor.shutdown()

    around = {"worker_count": 5, "setUp": set_up, "tearDown": tear_down}
    yield applied((part["executor"].ExecutorTest, unittest.TestCase), around, {
        NOT_HERE: "test_no_stale_references test_free_reference test_swallows_falsey_exceptions test_submit_keyword",  # what it passes
        INSIDES: "test_max_workers_negative"})
    yield applied((part["test_as_completed"].AsCompletedTests, unittest.TestCase), around, {INSIDES: "test_correct_timeout_exception_msg"})
    yield applied((part["test_wait"].WaitTests, unittest.TestCase), around, {})


def queue_cases():
    tests = found("test.test_queue")
    if tests is None:
        return

    mixin = tests.BaseQueueTestMixin
    kept = {"test_queue_task_done", "test_queue_join", "test_negative_timeout_raises_exception", "test_nowait"}
    yield applied((mixin, unittest.TestCase), {
        "queue": queue, "type2test": Queue, "setUp": lambda self: setattr(self, "cum", 0) or setattr(self, "cumlock", Lock())},
        {NOT_HERE: " ".join(name for name in dir(mixin) if name.startswith("test_") and name not in kept)})  # shutdown(), objects


def load_tests(loader, tests, _):
    for cases in (lock_cases, pool_cases, queue_cases):
        for case in cases():
            tests.addTests(loader.loadTestsFromTestCase(case))
    return tests


if __name__ == "__main__" and found("test.lock_tests"):
    unittest.main()
