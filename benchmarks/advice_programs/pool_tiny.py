"""multiprocessing.Pool.imap over many tiny items without chunks."""

from multiprocessing import Pool

from _ways import run

COUNT = 40_000


def step(number):
    return 3 * number + 1 if number % 2 else number // 2


def main(chunk=1):
    with Pool(2) as pool:
        total = 0
        for value in pool.imap(step, range(COUNT), chunksize=chunk):
            total += value
    print(total)


if __name__ == "__main__":
    ways = {"batch": lambda _: main(2000), "one": lambda _: print(sum(step(number) for number in range(COUNT)))}
    run(main, ways, {"batch": (2,), "one": (1,)})
