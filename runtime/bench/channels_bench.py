"""Run by scripts/bench channels in each Python: prints {name: number} as JSON. Microseconds a round trip, calls a second,
milliseconds a start, seconds a pool's work; the smallest of several runs."""
import json
import multiprocessing
import queue
import sys
import threading
import time

from ringfence import interpreters
from ringfence.channels import Buffer, Channel, move
from ringfence.pools import InterpreterPool

try:
    from concurrent import interpreters as standard
    from concurrent.futures import InterpreterPoolExecutor
except ImportError:
    standard = None

SMALL, LARGE, RUNS = b"x" * 1024, 10 << 20, 5


def smallest(measure):
    return min(measure() for _ in range(RUNS))


def round_trips(count, send, receive, value):
    def once():
        nonlocal value
        begin = time.perf_counter()
        for _ in range(count):
            send(value)
            got = receive()
            if isinstance(got, Buffer):
                value = move(got)
        return (time.perf_counter() - begin) / count * 1e6
    return smallest(once)


def echo(there, back):
    for value in there:
        back.send(move(value) if isinstance(value, Buffer) else value)


def echo_queue(there, back):
    while True:
        value = there.get()
        if value is None:
            return
        back.put(value)


def echo_pipe(connection):
    while True:
        value = connection.recv_bytes()
        if not value:
            return
        connection.send_bytes(value)


def echo_interpqueues(there, back):
    import _interpqueues as queues
    while True:
        try:
            value = queues.get(there)[0]
        except Exception:  # its QueueEmpty, which no module offers
            continue
        if value is None:
            return
        queues.put(back, value, 0, 1)


def echo_standard(there, back):
    while True:
        value = there.get()
        if value is None:
            return
        back.put(value)


def one(x):
    return x


def busy(n):
    total = 0
    for i in range(n):
        total += i * i % 7
    return total


def channels():
    there, back = Channel(1), Channel(1)
    with interpreters.create() as other:
        other.run(echo, there, back)
        yield "1 KB: channels, interpreters", round_trips(2000, there.send, back.receive, SMALL)
        yield "10 MB: channels, a Buffer that moves", round_trips(2000, there.send, back.receive, move(Buffer(LARGE)))
        there.close()
    there, back = Channel(1), Channel(1)
    threading.Thread(target=echo, args=(there, back)).start()
    yield "1 KB: channels, threads", round_trips(2000, there.send, back.receive, SMALL)
    there.close()


def threads():
    there, back = queue.SimpleQueue(), queue.SimpleQueue()
    threading.Thread(target=echo_queue, args=(there, back)).start()
    yield "1 KB: threads, SimpleQueue", round_trips(2000, there.put, back.get, SMALL)
    there.put(None)


def pipe():
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=echo_pipe, args=(there,))
    process.start()
    yield "1 KB: multiprocessing.Pipe", round_trips(2000, here.send_bytes, here.recv_bytes, SMALL)
    yield "10 MB: multiprocessing.Pipe", round_trips(20, here.send_bytes, here.recv_bytes, bytes(LARGE))
    here.send_bytes(b"")
    process.join()


def interpqueues():
    """3.13's own: they do not wait, so that both sides try again and again."""
    try:
        import _interpqueues as queues
    except ImportError:
        return
    if standard is not None:
        return  # another interface, and a public one: standard_queues
    there, back = (queues.create(0, 0, 1) for _ in range(2))

    def get():
        while True:
            try:
                return queues.get(back)[0]
            except Exception:
                pass
    with interpreters.create() as other:
        other.run(echo_interpqueues, there, back)
        yield "1 KB: _interpqueues, trying all the time", round_trips(500, lambda v: queues.put(there, v, 0, 1), get, SMALL)
        queues.put(there, None, 0, 1)


def standard_queues():
    """3.14's own: they wait by looking every 10 ms."""
    if standard is None:
        return
    there, back, other = standard.create_queue(), standard.create_queue(), standard.create()
    thread = other.call_in_thread(echo_standard, there, back)
    yield "1 KB: concurrent.interpreters, Queue", round_trips(20, there.put, back.get, SMALL)
    there.put(None)
    thread.join()
    other.close()


def many():
    """Messages to so many interpreters, each of which answers once a round."""
    for count in (1, 4, 16, 64):
        back, several, theirs = Channel(None), [interpreters.create() for _ in range(count)], [Channel(1) for _ in range(count)]
        for other, there in zip(several, theirs):
            other.run(echo, there, back)

        def once(rounds=2000 // count):
            begin = time.perf_counter()
            for _ in range(rounds):
                for there in theirs:
                    there.send(SMALL)
                for _ in theirs:
                    back.receive()
            return (time.perf_counter() - begin) / rounds / count * 1e6
        yield f"1 KB there and back, {count} interpreter{'s' * (count > 1)} at once", smallest(once)
        for there in theirs:
            there.close()
        for other in several:
            other.close()


def calls():
    def rate(call, count=1000):
        def once():
            begin = time.perf_counter()
            for i in range(count):
                call(one, i)
            return (time.perf_counter() - begin) / count
        return round(1 / smallest(once))
    with interpreters.create() as other:
        yield "calls a second: Interpreter.call", rate(other.call)
    with InterpreterPool(1) as pool:
        yield "calls a second: InterpreterPool.submit", rate(lambda f, x: pool.submit(f, x).result())
    if standard is not None:
        other = standard.create()
        yield "calls a second: concurrent.interpreters, call", rate(other.call)
        other.close()
        with InterpreterPoolExecutor(1) as pool:
            yield "calls a second: InterpreterPoolExecutor.submit", rate(lambda f, x: pool.submit(f, x).result())
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        yield "calls a second: multiprocessing.Pool.apply", rate(lambda f, x: pool.apply(f, (x,)))


def pools():
    jobs = [200000] * 16

    def timed(run):
        run()
        return smallest(lambda: -time.perf_counter() + (run(), time.perf_counter())[1])
    yield "16 CPU-bound jobs, s: here", timed(lambda: list(map(busy, jobs)))
    with InterpreterPool(4) as pool:
        yield "16 CPU-bound jobs, s: InterpreterPool(4)", timed(lambda: list(pool.map(busy, jobs)))
    if standard is not None:
        with InterpreterPoolExecutor(4) as pool:
            yield "16 CPU-bound jobs, s: InterpreterPoolExecutor(4)", timed(lambda: list(pool.map(busy, jobs)))
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        yield "16 CPU-bound jobs, s: multiprocessing.Pool(4)", timed(lambda: pool.map(busy, jobs, 1))


def starts():
    made = []

    def start():
        begin = time.perf_counter()
        made.append(interpreters.create())
        return (time.perf_counter() - begin) * 1e3

    def close():
        begin = time.perf_counter()
        made.pop().close()
        return (time.perf_counter() - begin) * 1e3
    yield "an interpreter, ms: create", smallest(start)
    yield "an interpreter, ms: close", smallest(close)
    if standard is not None:
        def bare():
            begin = time.perf_counter()
            standard.create().close()
            return (time.perf_counter() - begin) * 1e3
        yield "concurrent.interpreters, ms: create and close", smallest(bare)

    def process():
        begin = time.perf_counter()
        child = multiprocessing.get_context("spawn").Process(target=one, args=(1,))
        child.start()
        child.join()
        return (time.perf_counter() - begin) * 1e3
    yield "a spawned process, ms: start and end", smallest(process)


if __name__ == "__main__":
    results = {}
    for part in (channels, threads, pipe, interpqueues, standard_queues, many, calls, pools, starts):
        for name, number in part():
            results[name] = number
            print(f"{sys.version.split()[0]}: {name}: {number:.4g}", file=sys.stderr)
    print(json.dumps(results))
