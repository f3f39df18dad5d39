"""Five processes print how long some large factorials are.

Shows:    a program that already computes on all CPUs: each factorial has a process of its own.
Expected: verdict `cpu`, since the main process only waits for processes that compute. Nothing to win by another way of
          working, so the advice is to leave it (`sequential`, `processes`) or to change the number of processes.
"""

import multiprocessing

SIZES = (45_000, 50_000, 55_000, 60_000, 65_000)


def factorial(n):
    product = 1
    for factor in range(2, n + 1):
        product *= factor
    return product


def print_factorial(n):
    print(f"{n}! has {factorial(n).bit_length()} bits")


def main():
    workers = [multiprocessing.Process(target=print_factorial, args=(n,)) for n in SIZES]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main()
