"""Run by scripts/bench private in each Python, where simplejson, wrapt and bitarray can be imported: prints as JSON how long jobs
with them take in this interpreter and in a pool of private copies, in seconds. AssertionError where a result is another."""
import hashlib
import json
import os
import sys
import time

from ringfence.pools import InterpreterPool

PACKAGES = ("simplejson", "wrapt", "bitarray")
JOBS, RUNS = 60, 3


def with_simplejson(i):
    import simplejson
    assert simplejson.encoder.c_make_encoder
    value = [{"id": n, "name": "n%d" % n, "list": [n, n / 2, None, True], "text": "\u20ac" * 5} for n in range(i, i + 150)]
    for _ in range(4):
        value = simplejson.loads(simplejson.dumps(value, sort_keys=True))
    return simplejson.dumps(value, sort_keys=True)


def with_wrapt(i):
    import wrapt

    @wrapt.decorator
    def counted(wrapped, instance, args, kwargs):
        return wrapped(*args, **kwargs) + 1

    total = counted(lambda x: x * i)
    proxy = wrapt.ObjectProxy([1, 2, i])
    return sum(total(n) + proxy[2] + len(proxy) for n in range(4000))


def with_bitarray(i):
    from bitarray import bitarray
    from bitarray.util import ba2hex, int2ba
    bits = bitarray()
    for n in range(i, i + 1500):
        bits += int2ba(n, 16)
    return ba2hex(bits)[:64], bits.count(), len(list(bits.search(bitarray("1011"))))


def job(i):
    result = (with_simplejson, with_wrapt, with_bitarray)[i % 3](i)
    return hashlib.sha256(repr(result).encode()).hexdigest()


def smallest(run, right):
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        assert list(run()) == right, "a result differs"
        times.append(time.perf_counter() - begin)
    return min(times)


if __name__ == "__main__":
    right = [job(i) for i in range(JOBS)]
    results = {"one interpreter": smallest(lambda: map(job, range(JOBS)), right)}
    for workers in (2, 4):
        with InterpreterPool(workers, private=PACKAGES) as pool:
            list(pool.map(job, range(3 * workers)))  # the imports
            results[f"InterpreterPool({workers})"] = smallest(lambda: pool.map(job, range(JOBS)), right)
    print(json.dumps(results))
