"""commstime, the classic measure of channels: a number goes round a loop of processes, one larger each time.

    python commstime.py [ROUNDS]

prefix sends 0 and then passes on; delta gives each number to the consumer and to successor, which adds one."""
import sys
import time

from ringfence.csp import Channel, parallel, poison, process


@process
def prefix(first, into, out):
    out.send(first)
    for value in into:
        out.send(value)


@process
def delta(into, out, other):
    for value in into:
        out.send(value)
        other.send(value)


@process
def successor(into, out):
    for value in into:
        out.send(value + 1)


@process
def consumer(into, rounds):
    begin = time.perf_counter()
    values = [into.receive() for _ in range(rounds)]
    seconds = time.perf_counter() - begin
    poison(into)
    return values[0], values[-1], seconds


def main(rounds):
    a, b, c, d = (Channel(name) for name in "abcd")
    first, last, seconds = parallel(prefix(0, c, a), delta(a, b, d), successor(b, c), consumer(d, rounds))[3]
    print(f"received {first} to {last}")
    print(f"{seconds / rounds / 4 * 1e6:.1f} microseconds a communication", file=sys.stderr)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
