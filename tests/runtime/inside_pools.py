"""Run by test_channels.py in the Python under test: pools, queues, events, locks, pipes."""
import asyncio
import concurrent.futures
import json
import math
import os
import queue
import sys
import sysconfig
import tempfile
import threading
import time
import unittest
import warnings

from ringfence import interpreters
from ringfence.channels import Channel, Closed, pickled
from ringfence.pools import BrokenInterpreterPool, ExtensionWarning, InterpreterPool
from ringfence.sharing import Barrier, BoundedSemaphore, Event, Lock, Pipe, Queue, Semaphore, ShutDown

ready = []


def square(x):
    return x * x


def add(x, y):
    return x + y


def fail(x):
    raise LookupError("no", x)


def where(_=None):
    return interpreters.current().id


def prepare(text):
    ready.append(text)


def prepared():
    return tuple(ready)


def refuse():
    raise OSError("not today")


def wait_on(channel):
    return channel.receive()


def give_back(value):
    return value


def work(lock, event, inbox, outbox, n):
    event.wait()
    for _ in range(n):
        with lock:
            outbox.put(inbox.get() + 1)
        inbox.task_done()
    return n


def answer(connection):
    while True:
        try:
            connection.send(connection.recv() * 2)
        except EOFError:
            return "end"


def numbers_in(pickling):
    return len(pickling.get()["a"])


class Pools(unittest.TestCase):
    def test_submit_and_map(self):
        with InterpreterPool(3) as pool:
            self.assertEqual(pool.submit(square, 7).result(30), 49)
            self.assertEqual(pool.submit(add, 1, y=2).result(30), 3)
            self.assertEqual(list(pool.map(square, range(50))), [i * i for i in range(50)])
            self.assertEqual(list(pool.map(add, range(50), range(50), chunksize=7)), [2 * i for i in range(50)])
            self.assertEqual(list(pool.map(square, (), chunksize=3)), [])
            self.assertEqual(pool.submit(lambda x: math.sqrt(x) + x, 4).result(30), 6)
            with self.assertRaises(LookupError) as caught:
                pool.submit(fail, 3).result(30)
            self.assertEqual(caught.exception.args, ("no", 3))
            with self.assertRaises(LookupError):
                list(pool.map(fail, range(5), chunksize=2))
        with self.assertRaises(RuntimeError):
            pool.submit(square, 1)
        self.assertEqual(interpreters.list_all(), [])

    def test_methods_are_jobs(self):
        event = Event()
        with InterpreterPool(1) as pool:
            future = pool.submit(event.wait, 30)
            event.set()
            self.assertTrue(future.result(30))

    def test_map_with_a_buffer(self):
        begun = []

        def numbers():
            for i in range(100):
                begun.append(i)
                yield i

        with InterpreterPool(2) as pool:
            results = pool.map(square, numbers(), buffersize=3)
            self.assertEqual([next(results), next(results), len(begun)], [0, 1, 5])
            self.assertEqual(list(results), [i * i for i in range(2, 100)])
            self.assertEqual(list(pool.map(square, range(20), chunksize=3, buffersize=2)), [i * i for i in range(20)])
            for wrong in (0, "1"):
                with self.assertRaises((TypeError, ValueError)):
                    pool.map(square, (), buffersize=wrong)

    def test_in_asyncio(self):
        async def main():
            return await asyncio.gather(*(asyncio.get_running_loop().run_in_executor(pool, square, i) for i in range(10)))
        with InterpreterPool(2) as pool:
            self.assertEqual(asyncio.run(main()), [i * i for i in range(10)])

    def test_workers_are_several(self):
        with InterpreterPool(3) as pool:
            list(pool.map(where, range(30)))
            time.sleep(0.3)
            barrier = Barrier(3)
            futures = [pool.submit(meet, barrier) for _ in range(3)]
            self.assertEqual(len({future.result(30) for future in futures}), 3)

    def test_what_cannot_be_passed(self):
        with InterpreterPool(1) as pool:
            with self.assertRaisesRegex(TypeError, "list"):
                pool.submit(square, [1])
            with self.assertRaisesRegex(TypeError, "dict"):
                pool.submit(dict).result(30)
            with self.assertRaises(TypeError):
                pool.submit([].append, 1)
        with InterpreterPool(1, pickle=True) as pool:
            self.assertEqual(pool.submit(give_back, {"a": [1]}).result(30), {"a": [1]})
            self.assertEqual(pool.submit(dict, a=1).result(30), {"a": 1})
            self.assertEqual(list(pool.map(len, [[1], [1, 2]])), [1, 2])

    def test_initializer_and_max_tasks(self):
        with InterpreterPool(1, initializer=prepare, initargs=("x",), max_tasks_per_child=2) as pool:
            got = [pool.submit(prepared).result(30) for _ in range(5)]
            ids = [pool.submit(where).result(30) for _ in range(5)]
        self.assertEqual(got, [("x",)] * 5)
        self.assertGreaterEqual(len(set(ids)), 3)

    def test_an_initializer_that_fails_breaks_the_pool(self):
        pool = InterpreterPool(2, initializer=refuse)
        with self.assertRaisesRegex(BrokenInterpreterPool, "not today"):
            pool.submit(square, 1).result(30)
        with self.assertRaises(BrokenInterpreterPool):
            pool.submit(square, 1)
        pool.shutdown()

    @unittest.skipUnless(os.environ.get("TALLY_FOLDER"), "no extension to load copies of")
    @unittest.skipUnless(sys.platform.startswith("linux"), "private copies need Linux")
    def test_private_copies(self):
        sys.path.insert(0, os.environ["TALLY_FOLDER"])
        try:
            with InterpreterPool(2, private=["tally"]) as pool:
                barrier = Barrier(2)
                self.assertEqual([future.result(30) for future in [pool.submit(count_alone, barrier) for _ in range(2)]], [2, 2])
        finally:
            sys.path.pop(0)

    @unittest.skipUnless(os.environ.get("TALLY_FOLDER"), "no extension to warn of")
    def test_what_reports_say_of_imports_is_a_warning(self):
        folder = os.environ["TALLY_FOLDER"]
        sys.path.insert(0, folder)
        try:
            (file,) = [os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("tally")]
            world = ("free-threaded" if sysconfig.get_config_var("Py_GIL_DISABLED") else
                     "own-gil" if sys.version_info >= (3, 12) else "shared-gil")
            with tempfile.TemporaryDirectory() as reports:
                path = os.path.join(reports, "audit.json")
                with open(path, "w") as out:
                    json.dump({"schema": "ringfence-audit/1", "notes": [], "libraries": [
                        {"file": file, "modules": [{"name": "tally", "answers": {
                            world: {"outcome": "refused", "reason": "single-phase init"}}}]}]}, out)
                with self.assertWarnsRegex(ExtensionWarning, f"tally .refused under {world}.: single-phase init"):
                    InterpreterPool(1, imports=["tally"], reports=[path])
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    InterpreterPool(1, imports=["string"], reports=[path])
        finally:
            sys.path.pop(0)

    def test_cancel_and_shutdown(self):
        channel = Channel()
        pool = InterpreterPool(1)
        running = [pool.submit(wait_on, channel) for _ in range(2)]
        waiting = [pool.submit(square, i) for i in range(5)]
        self.assertTrue(waiting[-1].cancel())
        time.sleep(0.1)
        self.assertFalse(running[0].cancel())
        pool.shutdown(wait=False, cancel_futures=True)
        channel.send("a")
        channel.send("b")
        self.assertEqual([future.result(30) for future in running], ["a", "b"])
        self.assertTrue(waiting[-2].cancelled())
        pool.shutdown()

    def test_bad_arguments(self):
        for wrong in (lambda: InterpreterPool(0), lambda: InterpreterPool(1, max_tasks_per_child=0),
                      lambda: InterpreterPool(1).map(square, [1], chunksize=0)):
            with self.assertRaises(ValueError):
                wrong()
        with self.assertRaises(TypeError):
            InterpreterPool(1, initializer=3)

    def test_as_completed_and_timeouts(self):
        with InterpreterPool(2) as pool:
            futures = {pool.submit(square, i): i for i in range(10)}
            for future in concurrent.futures.as_completed(futures, timeout=30):
                self.assertEqual(future.result(), futures[future] ** 2)
            channel = Channel()
            blocked = pool.submit(wait_on, channel)
            with self.assertRaises(concurrent.futures.TimeoutError):
                blocked.result(0.05)
            channel.send(1)

    def test_a_pool_that_nobody_shuts_down(self):
        import subprocess
        code = "from ringfence.pools import InterpreterPool\nprint(InterpreterPool(2).submit(pow, 2, 5).result())"
        run = subprocess.run([sys.executable, "-X", "faulthandler", "-c", code], capture_output=True, text=True, timeout=60)
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "32\n", ""))


def meet(barrier):
    barrier.wait()
    return where()


def count_alone(barrier):
    import tally
    barrier.wait()
    tally.add("a")
    tally.add("a")
    barrier.wait()
    return tally.total()


class Sharing(unittest.TestCase):
    def test_across_interpreters(self):
        lock, event, inbox, outbox = Lock(), Event(), Queue(4), Queue()
        with InterpreterPool(3) as pool:
            futures = [pool.submit(work, lock, event, inbox, outbox, 20) for _ in range(3)]
            self.assertFalse(event.is_set())
            event.set()
            for i in range(60):
                inbox.put(i)
            inbox.join()
            self.assertEqual([future.result(30) for future in futures], [20] * 3)
        self.assertEqual(sorted(outbox.get() for _ in range(60)), list(range(1, 61)))
        self.assertFalse(lock.locked())

    def test_queue(self):
        small = Queue(2)
        self.assertEqual((small.maxsize, small.empty(), small.full(), small.qsize()), (2, True, False, 0))
        small.put(1)
        small.put_nowait(2)
        self.assertTrue(small.full())
        with self.assertRaises(queue.Full):
            small.put_nowait(3)
        with self.assertRaises(queue.Full):
            small.put(3, timeout=0.01)
        with self.assertRaises(ValueError):
            small.put(3, timeout=-1)
        self.assertEqual([small.get(), small.get_nowait()], [1, 2])
        with self.assertRaises(queue.Empty):
            small.get(timeout=0.01)
        with self.assertRaises(queue.Empty):
            small.get(False)
        small.task_done()
        small.task_done()
        small.join()
        with self.assertRaises(ValueError):
            small.task_done()
        small.close()
        with self.assertRaises(Closed):
            small.get()
        with self.assertRaises(getattr(queue, "ShutDown", Closed)):
            small.put(1)
        dropped = Queue()
        dropped.put(1)
        dropped.shutdown(immediate=True)
        dropped.join()
        with self.assertRaises(ShutDown):
            dropped.get()

    def test_pickles_where_asked_for(self):
        value = {"a": [1, {2}]}
        with self.assertRaises(TypeError):
            Queue().put(value)
        pickling = Queue(pickle=True)
        pickling.put(value)
        here, there = Pipe(pickle=True)
        here.send(value)
        with interpreters.create() as other:
            self.assertEqual((other.call(numbers_in, pickling), there.recv()), (2, value))

    def test_a_closed_end_of_a_pipe_is_an_error_the_other_an_end(self):
        here, there = Pipe()
        here.send(1)
        here.close()
        self.assertEqual((here.closed, there.closed, there.recv()), (True, False, 1))
        self.assertRaises(EOFError, there.recv)
        self.assertRaises(BrokenPipeError, there.send, 1)
        for use in (lambda: here.send(1), here.recv, here.poll):
            self.assertRaisesRegex(OSError, "handle is closed", use)

    def test_pipe(self):
        here, there = Pipe()
        with interpreters.create() as other:
            future = other.run(answer, there)
            for i in range(20):
                here.send(i)
                self.assertEqual(here.recv(), 2 * i)
            self.assertFalse(here.poll())
            here.send_bytes(b"abcdef", 2, 2)
            self.assertTrue(here.poll(10))
            self.assertEqual(here.recv_bytes(), b"cdcd")
            here.close()
            self.assertEqual(future.result(30), "end")
        with self.assertRaises(BrokenPipeError):
            there.send(1)
        reader, writer = Pipe(duplex=False)
        writer.send("x")
        self.assertEqual((reader.recv(), reader.writable, writer.readable), ("x", False, False))
        with self.assertRaises(OSError):
            reader.send(1)
        with self.assertRaises(OSError):
            writer.recv()
        writer.close()
        self.assertTrue(reader.poll())
        with self.assertRaises(EOFError):
            reader.recv()

    def test_semaphore(self):
        signal = Semaphore(0)
        self.assertFalse(signal.acquire(False))
        signal.release(2)
        self.assertEqual((signal.get_value(), signal.acquire(), signal.acquire(timeout=1)), (2, True, True))
        semaphore = BoundedSemaphore(2)
        self.assertTrue(semaphore.acquire() and semaphore.acquire(timeout=1))
        self.assertFalse(semaphore.acquire(False) or semaphore.acquire(timeout=0.01))
        semaphore.release()
        semaphore.release()
        with self.assertRaises(ValueError):
            semaphore.release()
        with self.assertRaises(RuntimeError):
            Lock().release()


if __name__ == "__main__":
    unittest.main()
