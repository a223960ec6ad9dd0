"""Run by test_channels.py in the Python under test: processes, alternation, poison, deadlock, and the examples."""
import os
import random
import signal
import subprocess
import sys
import time
import unittest

from ringfence import _runtime, csp, interpreters
from ringfence.csp import (Barrier, Broadcast, Channel, Deadlock, Input, Output, Poisoned, Skip, Timer, alternation, parallel,
                           poison, process, replicate, sequence)

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "csp")
PHILOSOPHERS = "deadlock:\n" + "".join(
    f"{line}\n" for line in sorted(
        [f"fork {i} waits to receive from fork {i}, left side" for i in range(5)]
        + [f"philosopher {i} waits to send to fork {(i + 1) % 5}, right side" for i in range(5)]
        + ["host waits to receive from gone", "main waits to receive from the end of its processes"]))


@process
def count_to(out, n):
    for i in range(n):
        out.send(i)
    out.close()
    return n


@process
def total(into):
    return sum(into)


@process
def here():
    current = interpreters.current()
    return current and current.id


@process
def fails(into):
    raise ArithmeticError("it", into.receive())


@process
def first(into, out):
    return into.receive(), out.send(1)


@process
def meets(barrier, log, name):
    for round_ in range(3):
        log.send((round_, name))
        barrier.wait()


@process
def collect(log, n):
    return tuple(log.receive() for _ in range(n))


@process
def listens(number, ends):
    return tuple(ends[number])


@process
def tells(broadcast, values):
    for value in values:
        broadcast.send(value)
    broadcast.close()


@process
def parent(n):
    inner = Channel("inner")
    return tuple(parallel(count_to(inner, n), total(inner)))


@process
def nested_deadlock():
    a, b = Channel("a"), Channel("b")
    return tuple(parallel(first(a, b), first(b, a)))


@process
def not_passable():
    return [1]


@process
def waits_with_limit(channel):
    try:
        channel.receive(0.2)
    except TimeoutError:
        return "gave up"


class Processes:
    """In both places."""

    def setUp(self):
        csp.use(self.place)
        self.addCleanup(csp.use, "interpreters")

    def test_parallel_and_sequence(self):
        a = Channel("a")
        self.assertEqual(parallel(count_to(a, 100), total(a)), [100, 4950])
        self.assertEqual(sequence(here(), here()), [None, None])
        self.assertEqual(parallel(), [])

    def test_where_they_run(self):
        ids = parallel(here(), here())
        self.assertEqual(len(set(ids)), 1 if self.place == "threads" else 2)

    def test_an_exception_ends_the_network(self):
        a, b = Channel("a"), Channel("b")
        with self.assertRaises(ArithmeticError) as caught:
            parallel(fails(a), count_to(a, 10), total(b), first(Channel("c"), b), first(a, b))
        self.assertEqual(caught.exception.args[0], "it")
        with self.assertRaisesRegex(TypeError, "list"):
            parallel(not_passable())

    def test_poison(self):
        a = Channel("a")
        poison((a,))
        self.assertEqual(parallel(count_to(a, 10), total(a)), [None, None])

    def test_deadlock_is_named(self):
        a, b = Channel("a"), Channel("b")
        begin = time.monotonic()
        with self.assertRaises(Deadlock) as caught:
            parallel(first(a, b).named("one"), first(b, a).named("other"))
        self.assertLess(time.monotonic() - begin, 20)
        self.assertEqual(sorted(str(caught.exception).splitlines()),
                         ["main waits to receive from the end of its processes", "one waits to receive from a",
                          "other waits to receive from b"])
        with self.assertRaisesRegex(Deadlock, "first waits to receive from a"):
            parallel(nested_deadlock())

    def test_no_deadlock_while_somebody_waits_with_a_limit(self):
        a, b = Channel("a"), Channel("b")
        with self.assertRaises(Deadlock):
            parallel(waits_with_limit(a), first(b, a))
        self.assertEqual(parallel(waits_with_limit(Channel("c"))), ["gave up"])

    def test_barrier(self):
        barrier, log = Barrier(3), Channel("log")
        seen = parallel(collect(log, 9), *(meets(barrier, log, name) for name in "abc"))[0]
        self.assertEqual([round_ for round_, _ in seen], [0] * 3 + [1] * 3 + [2] * 3)

    def test_broadcast(self):
        broadcast = Broadcast(3)
        self.assertEqual(parallel(tells(broadcast, (1, "b", None)), *replicate(3, listens, broadcast.ends)),
                         [None] + [(1, "b", None)] * 3)

    def test_processes_run_others(self):
        if self.place == "threads":
            self.assertEqual(parallel(parent(5)), [(5, 10)])
        self.assertEqual(parallel(parent(5), parent(7)), [(5, 10), (7, 21)])


class InInterpreters(Processes, unittest.TestCase):
    place = "interpreters"

    @classmethod
    def tearDownClass(cls):
        for left in interpreters.list_all():  # of the nested deadlock
            assert left.state == "closing", left
            left.close(20)


class InThreads(Processes, unittest.TestCase):
    place = "threads"


class Signals(unittest.TestCase):
    def test_none_is_lost_around_the_begin_of_a_wait(self):
        """One that is handled just before the sleep does not end it. After 30 s comes a next one, which would."""
        def handler(*_):
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGALRM, handler)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        chance = random.Random(1)
        for _ in range(200):
            network, channel = _runtime.Network(), _runtime.Channel(0, "nobody's", inside=True)
            network.expect()  # somebody who never comes, so that nobody finds a deadlock
            network.expect()
            network.begin("main")
            begin = time.monotonic()
            with self.assertRaises(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, 1e-4 * chance.random() + 1e-6, 30)
                channel.receive()
            signal.setitimer(signal.ITIMER_REAL, 0)
            _runtime.process_end()
            self.assertLess(time.monotonic() - begin, 20)


class Alternation(unittest.TestCase):
    def test_guards(self):
        a, b = Channel("a", buffered=1), Channel("b", buffered=1)
        self.assertEqual(alternation(Input(a), Skip()), (1, None))
        self.assertEqual(alternation(Input(a), Output(b, 5)), (1, None))
        self.assertEqual(alternation(Input(a), Input(b), Skip()), (1, 5))
        b.send(6)
        self.assertEqual(alternation(Input(b, when=False), Skip()), (1, None))
        self.assertEqual(alternation(Input(a), Timer(0.02)), (1, None))
        self.assertEqual(alternation(Timer(5), Timer(0.02), Input(a)), (1, None))
        a.send(1)
        self.assertEqual(alternation(Input(a), Input(b), priority=True), (0, 1))
        with self.assertRaises(ValueError):
            alternation(Input(a, when=False))
        with self.assertRaises(ValueError):
            alternation()
        b.poison()
        with self.assertRaises(Poisoned):
            alternation(Input(a), Input(b))

    def test_places(self):
        with self.assertRaises(ValueError):
            csp.use("the moon")


class Examples(unittest.TestCase):
    def run_example(self, name, *arguments):
        run = subprocess.run([sys.executable, "-X", "faulthandler", os.path.join(EXAMPLES, name), *arguments], capture_output=True,
                             text=True, timeout=100)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stdout

    def test_commstime(self):
        self.assertEqual(self.run_example("commstime.py", "500"), "received 0 to 499\n")

    def test_philosophers(self):
        self.assertEqual(self.run_example("philosophers.py"), PHILOSOPHERS)
        self.assertEqual(self.run_example("philosophers.py", "--butler"), "50 meals\n")

    def test_sieve(self):
        self.assertEqual(self.run_example("sieve.py", "8"), "2 3 5 7 11 13 17 19\n")

    def test_mandelbrot(self):
        picture = self.run_example("mandelbrot.py", "3")
        lines = picture.splitlines()
        self.assertEqual((len(lines), {len(line) for line in lines}), (21, {60}))
        self.assertEqual(lines, lines[::-1])  # it is symmetric
        self.assertEqual(lines[6:11], [
            "..............................+++#################++........",
            "...................++..++....+######################++......",
            "...................++#+###++++######################++......",
            "................++++#########+######################+.......",
            ".....#############################################+........."])


if __name__ == "__main__":
    unittest.main()
