"""A pool of interpreters with the interface of concurrent.futures.

    from ringfence.pools import InterpreterPool
    with InterpreterPool(4) as pool:
        print(sum(pool.map(work, range(1000), chunksize=50)))

From Python 3.12 on, and without a GIL, CPU-bound work runs on as many cores as there are workers; before, workers share the
GIL and are isolated, no more. Functions, arguments and results are passed as Interpreter.call passes them; pickle=True also
passes, as pickles, what channels do not."""
import collections
import itertools
import os
import sys
import threading
import time
import warnings
import weakref
from concurrent.futures import BrokenExecutor, Executor, Future

from ringfence import _calls, _claims, _pool, _remote, _runtime, _threads, interpreters
from ringfence._errors import Interrupted, Poisoned
from ringfence.channels import Channel  # first: at the end pools go before the waits that they need

ExtensionWarning = _claims.ExtensionWarning
__all__ = ["BrokenInterpreterPool", "ExtensionWarning", "InterpreterPool"]
pools = weakref.WeakSet()
busy = set()  # pools that owe results, which nobody else may hold
LOOK = (None, None, None)  # a result that lets the collector see whether it is to end


class BrokenInterpreterPool(BrokenExecutor):
    """A worker could not begin, or died: the pool does no more jobs."""


class InterpreterPool(Executor):
    """max_workers: interpreters, made as they are needed; None: as many as there are processors. initializer(*initargs) runs
    in each before its first job. max_tasks_per_child: a worker is replaced after so many jobs. imports: modules that each
    imports first. private: names of extension packages, or tuples of a package and its further extension modules, of which
    each worker loads a copy (ringfence.private). gil and serial as interpreters.create has them. reports: files that `ringfence
    audit --format json` or `ringfence manifest` wrote: what they hold against a module of `imports` is a warning now."""

    def __init__(self, max_workers=None, thread_name_prefix="", initializer=None, initargs=(), *, max_tasks_per_child=None,
                 gil="best", serial=False, imports=(), private=(), pickle=False, reports=()):
        self._max_workers = max_workers if max_workers is not None else os.cpu_count() or 1
        if self._max_workers < 1:
            raise ValueError("a pool has one worker at least")
        if max_tasks_per_child is not None and max_tasks_per_child < 1:
            raise ValueError("max_tasks_per_child is one at least, or None")
        if initializer is not None and not callable(initializer):
            raise TypeError("initializer is a function")
        for problem in _claims.warnings(reports, imports, gil != "shared" and sys.version_info >= (3, 12)) if reports else ():
            warnings.warn(problem, _claims.ExtensionWarning, stacklevel=2)
        self._prefix = thread_name_prefix or "pool"
        private = tuple((names,) if isinstance(names, str) else tuple(names) for names in private)
        self._serve = (None if initializer is None else _calls.describe(initializer), _pool.wrap(tuple(initargs), pickle),
                       max_tasks_per_child or 0, pickle)
        self._prepare = (tuple(imports), private)
        self._how = {"gil": gil, "serial": serial}
        self._pickle = pickle
        self._lock = threading.Lock()
        self._pending = collections.deque()  # (number, function, arguments, future)
        self._futures = {}                   # by number: those that were handed to workers
        self._numbers = itertools.count()
        self._workers = {}                   # by number: Interpreter, or None while it is made
        self._ending = []
        self._jobs, self._results = Channel(2 * self._max_workers), Channel(None)
        self._shut, self._broken, self._collector = False, None, None
        pools.add(self)

    # ---- Jobs ----

    def submit(self, fn, /, *args, **kwargs):
        """A future of fn(*args, **kwargs). TypeError where something cannot be passed."""
        return self._submit(_calls.describe(fn), args, kwargs)

    def _submit(self, function, args, kwargs):
        packed = _pool.wrap((args, tuple(kwargs.items())), self._pickle)
        future = Future()
        with self._lock:
            if self._broken:
                raise BrokenInterpreterPool(self._broken)
            if self._shut:
                raise RuntimeError("the pool was shut down")
            if packed[0] == "value" and not _runtime.passable((function, packed)):
                Channel(1).send((function, packed))  # raises what says which part
            busy.add(self)
            job = (next(self._numbers), function, packed, future)
            self._pending.append(job)
            try:
                self._begin_workers()
            except BaseException:
                if not self._workers:  # nobody would do it
                    self._pending.remove(job)
                raise
            self._hand_over()
        return future

    def map(self, fn, *iterables, timeout=None, chunksize=1, buffersize=None):
        """As Executor.map; chunksize arguments go to a worker as one job. buffersize: no more jobs than so many are there whose
        result was not taken yet (Python 3.14's, on every Python)."""
        if chunksize < 1:
            raise ValueError("chunksize is one at least")
        if chunksize == 1:
            return self._map(fn, iterables, timeout, buffersize)
        described, arguments = _calls.describe(fn), zip(*iterables)
        chunks = iter(lambda: tuple(itertools.islice(arguments, chunksize)), ())
        parts = self._map(_pool.run_chunk, (itertools.repeat(described), chunks), timeout, buffersize)
        return itertools.chain.from_iterable(parts)

    def _map(self, fn, iterables, timeout, buffersize):
        if buffersize is None:
            return super().map(fn, *iterables, timeout=timeout)
        if not isinstance(buffersize, int):
            raise TypeError("buffersize must be an integer or None")
        if buffersize < 1:
            raise ValueError("buffersize must be None or > 0")
        until = None if timeout is None else time.monotonic() + timeout
        jobs = (self.submit(fn, *arguments) for arguments in zip(*iterables))
        return results_of(collections.deque(itertools.islice(jobs, buffersize)), jobs, until)

    def _hand_over(self):
        """As many jobs as the workers' channel has room for; with the lock held. What waits here can be cancelled. Whatever
        happens here, no memory or Ctrl-C, a job is sent once, or its future has an exception."""
        while self._pending and len(self._futures) < 2 * self._max_workers:
            number, function, packed, future = self._pending[0]
            try:
                if future.set_running_or_notify_cancel():
                    self._futures[number] = future
                    self._jobs.send((number, function, packed), timeout=0)
            except BaseException as error:
                self._futures.pop(number, None)
                fail(future, error)
                if not isinstance(error, Exception):
                    raise
            finally:
                self._pending.popleft()
        if self._shut and not self._pending:
            self._jobs.close()

    # ---- Workers ----

    def _begin_workers(self):
        if self._collector is None:
            jobs, results = self._jobs, self._results
            pool = weakref.ref(self, lambda _: (jobs.close(), results.send(LOOK)))
            self._collector = _threads.begin(collect, pool, results, self._workers, name=f"{self._prefix} results")
        if len(self._workers) < min(self._max_workers, len(self._futures) + len(self._pending)):
            self._begin_worker()

    def _begin_worker(self):
        number = -1 - next(self._numbers)
        self._workers[number] = None
        try:
            _threads.begin(self._make_worker, number)
        except BaseException:
            del self._workers[number]
            raise

    def _make_worker(self, number):
        try:
            worker = interpreters.create(f"{self._prefix} {-number}", **self._how)
            with self._lock:
                self._workers[number] = worker
            request = (number, "call", ("name", "ringfence._pool:serve"),
                       (self._jobs.receiver, self._results.sender, self._prepare, *self._serve), ())
            worker._handle.post(request, self._results)
        except BaseException as error:
            try:
                self._results.send((number, "error", _remote.describe(error)))
            except BaseException:
                self._results.poison()

    def _worker_ended(self, number, kind, value):
        problem = None if kind == "value" else _remote.rebuild(value)
        with self._lock:
            worker = self._workers.pop(number, None)
            if kind == "value" and (self._futures or self._pending or not self._shut):  # it had done its number of jobs
                try:
                    self._begin_worker()
                except Exception as error:
                    problem = error
        if problem is not None:
            self._break(f"a worker could not begin: {problem!r}")
        if worker is not None:
            worker._handle.begin_close(True)
            self._ending = [each for each in self._ending if each.state != "closed"] + [worker]

    def _break(self, reason):
        with self._lock:
            self._broken = self._broken or reason
            lost = [*self._futures.values(), *(job[3] for job in self._pending)]
            self._futures.clear()
            self._pending.clear()
            busy.discard(self)
        self._jobs.poison()
        for future in lost:
            fail(future, BrokenInterpreterPool(reason))

    # ---- Results ----

    def _result(self, number, kind, value):
        if number < 0:
            return self._worker_ended(number, kind, value)
        with self._lock:
            future = self._futures.pop(number, None)
            self._hand_over()
            if not self._futures and not self._pending:
                busy.discard(self)
        if future is None:
            return None
        try:
            if kind == "error":
                future.set_exception(_remote.rebuild(value))
            else:
                future.set_result(_pool.unwrap((kind, value)))
        except Exception as error:  # the pickle of a result that cannot be read here
            future.set_exception(error)

    def _is_done(self):
        with self._lock:
            return self._shut and not self._workers and not self._futures and not self._pending

    def shutdown(self, wait=True, *, cancel_futures=False):
        """No more jobs are taken. wait: until those that were are done, and the workers have ended."""
        with self._lock:
            self._shut = True
            if cancel_futures:
                while self._pending:
                    self._pending.popleft()[3].cancel()
            self._hand_over()
            collector = self._collector
            self._results.send(LOOK)
        if wait and collector is not None:
            collector.join()
            for worker in self._ending:
                worker.close()


def results_of(futures, more, until):
    """The results, in order: one of `more` is begun for each that is taken."""
    try:
        while futures:
            futures.extend(itertools.islice(more, 1))
            yield futures[0].result(None if until is None else until - time.monotonic())
            futures.popleft()
    finally:
        for future in futures:
            future.cancel()


def fail(future, error):
    if not future.done():
        future.set_exception(error)


def collect(pool_reference, results, workers):
    """The thread that gives futures their results. Ends with the pool, also where nobody shut it down."""
    collect_until_end(pool_reference, results)
    for worker in filter(None, list(workers.values())):
        worker._handle.begin_close(False)


def collect_until_end(pool_reference, results):
    while True:
        problem = None
        try:
            number, kind, value = results.receive()
        except Poisoned:
            problem = "a worker's thread died"
        except MemoryError:
            problem = "no memory for a result"
        except Interrupted:
            return
        pool = pool_reference()
        if pool is None:
            return
        if problem:
            pool._break(problem)
            return
        if number is not None:
            pool._result(number, kind, value)
        if pool._is_done():
            return
        del pool


def end_pools():
    for pool in list(pools):
        pool.shutdown()


getattr(threading, "_register_atexit", lambda function: None)(end_pools)
