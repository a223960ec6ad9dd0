"""Run by scripts/stress-channels and ctest in the Python under test: threads and interpreters that send, receive, select, time
out, close, move buffers, come and go at random, and Ctrl-C now and then. Every value that was sent arrives once, and no channel,
message, buffer or object of Python's is left.

    channels_stress.py [SECONDS [THREADS [SEED]]]"""
import gc
import os
import random
import signal
import sys
import threading
import time

from ringfence import _runtime, interpreters
from ringfence.channels import Buffer, Channel, Closed, Interrupted, move, select

LENGTHS = (0, 1e-5, 1e-3, 5e-3)
LIMIT = 240  # seconds in which a job of a second is done: without a GIL 120 were not enough on a machine with twenty times its work


def some_traffic(name, seed, channels, sent, received, until):
    """Sends numbers of its own and receives others', which it reports."""
    chance, number = random.Random(seed), 0

    def value():
        mine = (name, number)
        return (mine, move(Buffer(chance.choice((10, 300000))))) if chance.random() < 0.2 else (mine, None)

    while time.time() < until:
        try:
            channel, action = chance.choice(channels), chance.random()
            if action < 0.4:
                channel.send(value(), chance.choice(LENGTHS))
                sent.send((name, number))
                number += 1
            elif action < 0.75:
                received.send(channel.receive(chance.choice(LENGTHS))[0])
            else:
                cases = [(each, value()) if chance.random() < 0.3 else each for each in chance.sample(channels, 3)]
                chosen, got = select(*cases, timeout=chance.choice(LENGTHS), priority=chance.random() < 0.5)
                if got is None:
                    sent.send((name, number))
                    number += 1
                else:
                    received.send(got[0])
        except TimeoutError:
            pass
    return name


def brief_life(seed, channels, sent, received, until):
    """An interpreter that is made, has some traffic, and ends: at once where it must."""
    chance = random.Random(seed)
    while time.time() < until:
        with interpreters.create(gil=chance.choice(("best", "shared"))) as one:
            name = f"{seed}-{chance.random()}"
            end = min(until, time.time() + chance.random())
            future = one.run(some_traffic, name, chance.random(), channels, sent, received, end)
            future.result(LIMIT)


def press_ctrl_c(until):
    while time.time() < until - 0.3:
        time.sleep(0.05 * random.random())
        os.kill(os.getpid(), signal.SIGINT)


def wait_through_ctrl_c(until):
    """How many waits it has ended. Raised in nothing but these waits: threading's own locks do not stand it."""
    armed, ended = False, 0

    def handler(*_):
        nonlocal armed
        if armed:
            armed = False
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, handler)
    threading.Thread(target=press_ctrl_c, args=(until,)).start()
    while time.time() < until:
        try:
            try:
                armed = True
                Channel().receive(0.2)
            except TimeoutError:
                pass
            armed = False
        except KeyboardInterrupt:
            ended += 1
    return ended


def count(counts, channel, what):
    for each in channel:
        record = counts.setdefault(each, [0, 0])
        record[what] += 1


def one_round(seconds, threads, seed, lives=4):
    """How many values were sent, and how often Ctrl-C ended a wait."""
    channels = tuple(Channel(capacity, f"c{i}") for i, capacity in enumerate((0, 0, 1, 3, None)))
    sent, received, counts = Channel(None), Channel(None), ({}, {})
    until = time.time() + seconds
    counters = [threading.Thread(target=count, args=(counts[i], channel, i)) for i, channel in enumerate((sent, received))]
    workers = [threading.Thread(target=some_traffic, args=(f"t{i}", seed + i, channels, sent, received, until)) for i in range(threads)]
    workers += [threading.Thread(target=brief_life, args=(seed + 1000 + i, channels, sent, received, until)) for i in range(lives)]
    for thread in counters + workers:
        thread.start()
    interrupts = wait_through_ctrl_c(until)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for thread in workers:
        thread.join(LIMIT)
        assert not thread.is_alive(), "a thread hangs"
    for channel in channels:
        channel.close()
        for left, _ in channel:
            received.send(left)
    for channel, counter in zip((sent, received), counters):
        channel.close()
        counter.join()
    assert {each for each in counts[0]} == {each for each in counts[1]}, "lost or invented"
    assert all(record[1] == 1 for record in counts[1].values()), "doubled"
    assert interpreters.list_all() == []
    return len(counts[0]), interrupts


def left_over(limit=10):
    """(channels, messages, blocks) of the process, when threads that end have let go, and Python's own memory blocks."""
    end = time.time() + limit
    while gc.collect() + sum(_runtime.channel_counts()) and time.time() < end:
        time.sleep(0.05)
    return _runtime.channel_counts(), sys.getallocatedblocks()


def main(seconds, threads, seed):
    one_round(1, threads, seed, lives=0)  # fills what Python keeps for later
    (_, before), _, (_, after) = left_over(), one_round(2, threads, seed, lives=0), left_over()
    assert after - before < 1000, ("leaked objects", after - before)
    values, interrupts = one_round(seconds, threads, seed)
    counts, _ = left_over()  # Python 3.12 and 3.13 count what they leak of each interpreter that ends
    assert counts == (0, 0, 0), ("leaked", counts)
    print(f"{values} values, none lost, doubled or leaked ({after - before} memory blocks more); {interrupts} times Ctrl-C")


if __name__ == "__main__":
    main(*(int(argument) for argument in (sys.argv[1:] + ["5", "8", "1"][len(sys.argv) - 1:])))
