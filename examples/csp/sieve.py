"""The sieve of Eratosthenes as a chain of processes: each keeps the first number that it gets, which is a prime, and passes
on what that does not divide.

    python sieve.py [COUNT]"""
import sys

from ringfence.csp import Channel, parallel, poison, process


@process
def numbers(out):
    number = 2
    while True:
        out.send(number)
        number += 1


@process
def filter_(into, out, primes):
    prime = into.receive()
    primes.send(prime)
    for number in into:
        if number % prime:
            out.send(number)


@process
def collector(primes, count, everything):
    found = tuple(primes.receive() for _ in range(count))
    poison(everything)
    return found


@process
def sink(into):
    for _ in into:
        pass


def main(count):
    links = [Channel(f"link {i}") for i in range(count + 1)]
    primes = Channel("primes")
    chain = [filter_(links[i], links[i + 1], primes).named(f"filter {i}") for i in range(count)]
    print(*sorted(parallel(collector(primes, count, (*links, primes)), numbers(links[0]), *chain, sink(links[count]))[0]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
