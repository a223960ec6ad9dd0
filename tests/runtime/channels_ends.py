"""Run in the Python under test: programs that are in the middle of something end at a random moment. By the end of the main
file, by Ctrl-C, once or again and again, by kill -TERM, by kill -9, by sys.exit and os._exit. None hangs, aborts or crashes.

    channels_ends.py [SECONDS [AT_ONCE [SEED]]]"""
import os
import random
import signal
import subprocess
import sys
import threading
import time

from ringfence import interpreters
from ringfence.channels import Buffer, Channel, Closed, Poisoned, move
from ringfence.csp import Channel as Between, parallel, process
from ringfence.pools import InterpreterPool

LIMIT = 150  # seconds that a program has to end: on a machine with twenty times the work that it can do, 50 were seen


def echo(there, back):
    for value in there:
        back.send(move(value) if isinstance(value, Buffer) else value)


def busy(n):
    return sum(i * i for i in range(n))


@process
def relay(into, out):
    for value in into:
        out.send(value)


@process
def source(out):
    i = 0
    while True:
        out.send(i)
        i += 1


@process
def sink(into):
    for _ in into:
        pass


def with_threads(_):
    there, back = Channel(3), Channel()
    for _ in range(3):
        threading.Thread(target=echo, args=(there, back), daemon=True).start()
    while True:
        there.send(b"x")
        back.receive()


def with_interpreters(chance):
    there, back = Channel(chance.choice((0, 1, None))), Channel(1)
    several = [interpreters.create(serial=chance.random() < 0.5) for _ in range(3)]
    for each in several:
        each.run(echo, there, back)
    while True:
        there.send(move(Buffer(chance.choice((10, 300000)))))
        back.receive()
        if chance.random() < 0.02:
            with interpreters.create() as brief:
                brief.call(busy, 1000)


def with_a_pool(chance):
    with InterpreterPool(3, max_tasks_per_child=chance.choice((None, 5))) as pool:
        while True:
            list(pool.map(busy, range(0, 3000, 100), chunksize=chance.choice((1, 4))))


def with_processes(_):
    a, b = Between("a"), Between("b")
    parallel(source(a), relay(a, b), sink(b))


def with_forks(chance):
    """The children are killed in the middle of a receive. (Ctrl-C is not for this one: Python loses one that comes in os.fork.)"""
    there, back = Channel(3), Channel(None)
    threading.Thread(target=echo, args=(there, back), daemon=True).start()
    while True:
        there.send(b"x")
        assert back.receive(20) == b"x"
        child = os.fork()
        if child == 0:
            os.closerange(0, 3)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(5)  # where its parent is killed first
            back.receive()   # for ever, as nobody else is here
        time.sleep(0.001 * chance.random())
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


PROGRAMS = (with_threads, with_interpreters, with_a_pool, with_processes, with_forks)


def in_background(program, chance):
    try:
        program(chance)
    except (Closed, Poisoned, KeyboardInterrupt, RuntimeError, TimeoutError):  # how it is told that the program ends
        pass


def begin(program, end, seed):
    """What runs in the process: `end` "return", "exit" or "_exit" is done here, all others from outside."""
    import faulthandler
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
    chance = random.Random(seed)
    print("begun", flush=True)
    if end not in ("return", "exit", "_exit"):
        return program(chance)
    threading.Thread(target=in_background, args=(program, chance), daemon=True).start()
    interpreters.END_LIMIT = 1
    time.sleep(chance.random() * 0.5)
    {"return": len, "exit": sys.exit, "_exit": os._exit}[end](0 if end != "return" else "")


FROM_OUTSIDE = {"int": (signal.SIGINT,), "ints": (signal.SIGINT,) * 20, "term": (signal.SIGTERM,), "kill": (signal.SIGKILL,)}
STATUS = {"return": (0, 1), "exit": (0, 1), "_exit": (0,), "int": (0, 1, 130, -2), "ints": (0, 1, 130, -2), "term": (-15,), "kill": (-9,)}


def one_program(seed):
    """Its name, or AssertionError."""
    chance = random.Random(seed)
    program = chance.choice(PROGRAMS)
    end = chance.choice([end for end in sorted(STATUS) if program is not with_forks or not end.startswith("int")])
    name = f"{program.__name__}, {end}, seed {seed}"
    run = subprocess.Popen([sys.executable, "-X", "faulthandler", __file__, "begin", program.__name__, end, str(seed)],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert run.stdout.readline() == "begun\n", name
    if end in FROM_OUTSIDE:
        time.sleep(chance.random() * 0.4)
        for number in FROM_OUTSIDE[end]:
            run.send_signal(number)
            time.sleep(chance.random() * 0.02)
    try:
        out, _ = run.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGUSR1)
        time.sleep(1)
        run.kill()
        raise AssertionError(f"{name} hangs\n{run.communicate()[0]}")
    assert run.returncode in STATUS[end] and "Fatal Python error" not in out, f"{name} ended with {run.returncode}\n{out}"
    return program.__name__


def main(seconds, at_once, seed):
    until, counts, problems, numbers = time.time() + seconds, {}, [], iter(range(seed, 10**9))

    def several():
        while time.time() < until and not problems:
            try:
                name = one_program(next(numbers))
                counts[name] = counts.get(name, 0) + 1
            except AssertionError as error:
                problems.append(str(error))

    threads = [threading.Thread(target=several) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems, "\n".join(problems)
    print(", ".join(f"{counts[name]} programs {name.replace('_', ' ')}" for name in sorted(counts)))


if __name__ == "__main__" and sys.argv[1:2] == ["begin"]:
    begin(globals()[sys.argv[2]], sys.argv[3], int(sys.argv[4]))
elif __name__ == "__main__":
    main(*(int(argument) for argument in (sys.argv[1:] + ["10", "4", "1"][len(sys.argv) - 1:])))
