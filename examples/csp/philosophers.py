"""The dining philosophers: each needs two forks, and each fork is shared by two.

    python philosophers.py            all take the left fork first: the deadlock is found and named
    python philosophers.py --butler   a butler lets all but one sit down: all eat"""
import sys

from ringfence.csp import Barrier, Channel, Deadlock, Input, alternation, parallel, poison, process

SEATS, MEALS = 5, 10


@process
def fork(left, right):
    while True:
        side, _ = alternation(Input(left), Input(right))
        (left, right)[side].receive()  # who took it puts it down


@process
def philosopher(seat, left, right, sit, stand, all_have_one, gone):
    for _ in range(MEALS):
        if sit is not None:
            sit.send(seat)
        left.send("take")
        if all_have_one is not None:
            all_have_one.wait()
        right.send("take")
        left.send("put")
        right.send("put")
        if stand is not None:
            stand.send(seat)
    gone.send(MEALS)


@process
def butler(sit, stand):
    seated = 0
    while True:
        chosen, _ = alternation(Input(stand), Input(sit, when=seated < SEATS - 1))
        seated += 1 if chosen == 1 else -1


@process
def host(gone, others):
    meals = sum(gone.receive() for _ in range(SEATS))
    poison(others)
    return meals


def main(with_butler):
    left = tuple(Channel(f"fork {i}, left side") for i in range(SEATS))
    right = tuple(Channel(f"fork {i}, right side") for i in range(SEATS))
    gone = Channel("gone", buffered=SEATS)
    sit, stand = (Channel("sit"), Channel("stand")) if with_butler else (None, None)
    barrier = None if with_butler else Barrier(SEATS, "all have one fork")
    guests = [philosopher(i, left[i], right[(i + 1) % SEATS], sit, stand, barrier, gone).named(f"philosopher {i}")
              for i in range(SEATS)]
    forks = [fork(left[i], right[i]).named(f"fork {i}") for i in range(SEATS)]
    butlers = [butler(sit, stand)] if with_butler else []
    try:
        meals = parallel(host(gone, left + right + ((sit, stand) if with_butler else ())), *guests, *forks, *butlers)[0]
        print(f"{meals} meals")
    except Deadlock as deadlock:
        print("deadlock:")
        print(*sorted(str(deadlock).splitlines()), sep="\n")


if __name__ == "__main__":
    main("--butler" in sys.argv)
