"""Run by test_channels.py in the Python under test: values, waiting, select, asyncio."""
import asyncio
import datetime
import decimal
import os
import signal
import sys
import threading
import time
import unittest

from ringfence import channels
from ringfence.channels import Channel, Closed, Poisoned, WouldBlock, select


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __shared__(self):
        return (self.x, self.y)

    @classmethod
    def __from_shared__(cls, value):
        return cls(*value)


class Plain(int):
    pass


class Registered(int):
    pass


def rebuild(value):
    return Registered(value + 1)


class Unlucky:
    def __shared__(self):
        return [1]


def passed(value, **how):
    channel = Channel(1)
    channel.send(value, **how)
    return channel.receive()


class Values(unittest.TestCase):
    def test_by_value(self):
        nan = passed(float("nan"))
        self.assertNotEqual(nan, nan)
        for value in (None, True, False, 0, -1, 2**63 - 1, -2**63, 2**63, -2**63 - 1, 3**5000, -7**3000, 1.5, -0.0, float("inf"),
                      1 - 2j, "", "abc", "h\xe9", "\u20ac" * 3, "\U0001f600x", "\ud800 alone", "nul\0", b"", b"\0abc",
                      b"x" * 100000, (), (1, ("a", (b"b", None))), frozenset(), frozenset({1, "a", (2, 3)}),
                      frozenset({frozenset({1})})):
            with self.subTest(repr(value)[:40]):
                got = passed(value)
                self.assertEqual(got, value)
                self.assertIs(type(got), type(value))
                if not isinstance(value, frozenset):
                    self.assertEqual(repr(got), repr(value))  # -0.0

    def test_unaligned_text_after_other_parts(self):
        self.assertEqual(passed((b"a", "\u20ac\u20ac", b"bcd", "\U0001f600")), (b"a", "\u20ac\u20ac", b"bcd", "\U0001f600"))

    def test_what_cannot_be_passed_is_named(self):
        for value, text in (([], "value of type list cannot be passed"), ((1, [2]), "value[1] of type list"),
                            (((1, (2, {})),), "value[0][1][1] of type dict"), (object(), "value of type object"),
                            (frozenset({(1, Values)}), "an item of value[1] of type type"), (Plain(3), "type Plain"),
                            (Unlucky(), "what value is converted to of type list"), (lambda: 1, "value of type function")):
            with self.subTest(text):
                with self.assertRaises(TypeError) as caught:
                    Channel(1).send(value)
                self.assertIn(text, str(caught.exception))

    def test_deep_tuples_are_an_error_and_no_crash(self):
        deep = ()
        for _ in range(100000):
            deep = (deep,)
        with self.assertRaises(RecursionError):
            Channel(1).send(deep)
        while deep:
            deep = deep[0]

    def test_conversions(self):
        point = passed(("at", Point(1, "y")))[1]
        self.assertEqual((type(point), point.x, point.y), (Point, 1, "y"))
        channels.register(Registered, int, rebuild)
        got = passed(Registered(5))
        self.assertEqual((type(got), got), (Registered, 6))
        with self.assertRaises(TypeError):
            channels.register(Registered, int, lambda value: value)
        channels.register(decimal.Decimal, str, decimal.Decimal)
        channels.register(datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat)
        for value in (decimal.Decimal("1.50"), datetime.datetime(2020, 1, 2)):
            self.assertEqual(passed((value,)), (value,))

    def test_pickle_where_asked_for(self):
        self.assertEqual(passed((1, channels.pickled({"a": [1, 2]}))), (1, {"a": [1, 2]}))
        with self.assertRaises(Exception):
            Channel(1).send(channels.pickled(lambda: 1))

    def test_channels_through_channels(self):
        inner = Channel(2, "inner")
        inner.send(1)
        whole, sender, receiver = passed((inner, inner.sender, inner.receiver))
        self.assertEqual((whole, sender, receiver), (inner, inner.sender, inner.receiver))
        self.assertEqual((whole.name, whole.capacity, len(whole), whole.id), ("inner", 2, 1, inner.id))
        sender.send(2)
        self.assertEqual([receiver.receive(), receiver.receive()], [1, 2])
        with self.assertRaises(TypeError):
            sender.receive()
        with self.assertRaises(TypeError):
            receiver.send(1)
        with self.assertRaises(TypeError):
            sender.receiver
        with self.assertRaises(TypeError):
            __import__("pickle").dumps(inner)


class Waiting(unittest.TestCase):
    def test_not_waiting(self):
        channel = Channel()
        self.assertEqual((channel.capacity, Channel(None).capacity, bool(channel), channel.state), (0, None, True, "open"))
        for attempt in (lambda: channel.send(1, 0), lambda: channel.send(1, timeout=-1), lambda: channel.receive(0)):
            with self.assertRaises(WouldBlock):
                attempt()
        with self.assertRaises(TimeoutError):
            channel.receive(0.01)
        for wrong in (float("nan"), "1", b""):
            with self.assertRaises((TypeError, ValueError)):
                channel.receive(wrong)
        with self.assertRaises(ValueError):
            Channel(-1)
        with self.assertRaises(TimeoutError):
            channel.receive(timeout=1e-9)

    def test_close_and_poison(self):
        channel = Channel(3, "c")
        channel.send(1)
        channel.send(2)
        channel.close()
        channel.close()
        with self.assertRaisesRegex(Closed, "channel c"):
            channel.send(3)
        self.assertEqual(list(channel), [1, 2])
        self.assertEqual(channel.state, "closed")
        with self.assertRaises(Closed):
            channel.receive()
        channel.poison()
        with self.assertRaises(Poisoned):
            list(channel)

    def test_threads_meet(self):
        channel, got = Channel(), []
        thread = threading.Thread(target=lambda: got.extend(channel))
        thread.start()
        for i in range(1000):
            channel.send(i)
        channel.close()
        thread.join()
        self.assertEqual(got, list(range(1000)))

    def test_wait_takes_nothing(self):
        channel = Channel(1)
        self.assertFalse(channel.wait(0))
        self.assertFalse(channel.wait(0.01))
        threading.Timer(0.02, channel.send, (5,)).start()
        self.assertTrue(channel.wait())
        self.assertEqual(channel.receive(0), 5)
        channel.close()
        with self.assertRaises(Closed):
            channel.wait()

    def test_select(self):
        a, b = Channel(1, "a"), Channel(1, "b")
        with self.assertRaises(WouldBlock):
            select(a, b, timeout=0)
        with self.assertRaises(TimeoutError):
            select(a, b, None, timeout=0.01)
        self.assertEqual(select(a, (b, "sent")), (1, None))
        self.assertEqual(select(a, b), (1, "sent"))
        a.send(1), b.send(2)
        self.assertEqual(select(b, a, priority=True), (0, 2))
        threading.Timer(0.02, b.send, (7,)).start()
        self.assertEqual(select((a, 3), b), (1, 7))  # a is full
        b.close()
        with self.assertRaisesRegex(Closed, "channel b"):
            select((a, 3), b)
        with self.assertRaises(TypeError):
            select((a, [1]))
        with self.assertRaises(TypeError):
            select(3)

    @unittest.skipIf(sys.platform == "win32", "no signals")
    def test_ctrl_c_ends_a_wait(self):
        channel = Channel()
        for _ in range(20):
            timer = threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT))
            begin = time.monotonic()
            with self.assertRaises(KeyboardInterrupt):
                timer.start()
                channel.receive()
            self.assertLess(time.monotonic() - begin, 5)
            timer.join()
        with self.assertRaises(WouldBlock):
            channel.send(1, 0)  # nobody is left in the queue

    def test_a_signal_handler_runs_and_the_wait_goes_on(self):
        channel, seen = Channel(1), []
        before = signal.signal(signal.SIGALRM, lambda *_: (seen.append(1), channel.send("late")))
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.02)
            self.assertEqual((channel.receive(5), seen), ("late", [1]))
        finally:
            signal.signal(signal.SIGALRM, before)


class Asyncio(unittest.TestCase):
    def test_receive_and_send(self):
        there, back = Channel(), Channel(1)

        def echo():
            for value in there:
                back.send(value * 2)

        thread = threading.Thread(target=echo)
        thread.start()

        async def one(value):
            await channels.send_async(there, value)
            return await channels.receive_async(back)

        async def main():
            ticks = 0

            async def tick():
                nonlocal ticks
                while True:
                    ticks += 1
                    await asyncio.sleep(0)
            ticker = asyncio.ensure_future(tick())
            got = [await one(i) for i in range(50)]
            several = await asyncio.gather(*(one(i) for i in range(20)))
            ticker.cancel()
            return got, sorted(several), ticks

        got, several, ticks = asyncio.run(main())
        there.close()
        thread.join()
        self.assertEqual(got, [2 * i for i in range(50)])
        self.assertEqual(several, [2 * i for i in range(20)])
        self.assertGreater(ticks, 1)

    def test_a_cancelled_receive_loses_nothing(self):
        channel = Channel(4)

        async def main():
            for i in range(50):
                task = asyncio.ensure_future(channels.receive_async(channel))
                await asyncio.sleep(0)
                channel.send(i)
                task.cancel()
                try:
                    got = await task
                except asyncio.CancelledError:
                    got = channel.receive(0)
                self.assertEqual(got, i)

        asyncio.run(main())

    def test_a_cancelled_send_is_withdrawn_at_once(self):
        channel = Channel()

        async def main():
            task = asyncio.ensure_future(channels.send_async(channel, 1))
            await asyncio.sleep(0.01)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError) as caught:  # whose traceback keeps what waited
                await task
            return caught.exception

        kept = asyncio.run(main())
        with self.assertRaises(channels.WouldBlock):
            channel.receive(0)
        del kept

    def test_closed(self):
        channel = Channel()
        threading.Timer(0.02, channel.close).start()
        with self.assertRaises(Closed):
            asyncio.run(channels.receive_async(channel))


if __name__ == "__main__":
    unittest.main()
