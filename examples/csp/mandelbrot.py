"""A farm: a farmer hands lines of the Mandelbrot set to workers, who ask for the next when they are done.

    python mandelbrot.py [WORKERS]"""
import sys

from ringfence.csp import Channel, Input, alternation, parallel, process, replicate

WIDTH, HEIGHT, DEPTH = 60, 21, 60


@process
def worker(number, jobs, results):
    for line in jobs[number]:
        text = ""
        for column in range(WIDTH):
            c, z, steps = complex(column * 3 / WIDTH - 2.2, line * 2.4 / (HEIGHT - 1) - 1.2), 0, 0
            while abs(z) < 2 and steps < DEPTH:
                z, steps = z * z + c, steps + 1
            text += "#" if steps == DEPTH else "+" if steps > 8 else "."
        results[number].send((line, text))


@process
def farmer(jobs, results):
    picture, next_line = {}, 0
    for channel in jobs:
        channel.send(next_line)
        next_line += 1
    while len(picture) < HEIGHT:
        idle, (line, text) = alternation(*(Input(channel) for channel in results))
        picture[line] = text
        if next_line < HEIGHT:
            jobs[idle].send(next_line)
            next_line += 1
    for channel in jobs:
        channel.close()
    return "\n".join(picture[line] for line in range(HEIGHT))


def main(workers):
    jobs = tuple(Channel(f"jobs {i}") for i in range(workers))
    results = tuple(Channel(f"results {i}") for i in range(workers))
    print(parallel(farmer(jobs, results), *replicate(workers, worker, jobs, results))[0])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4)
