"""Thirty milliseconds of work in all: nothing is worth a pool."""

from _ways import pooled, run


def fib(count):
    first, second = 0, 1
    for _ in range(count):
        first, second = second, first + second
    return first


def main():
    print(sum(fib(count) % 10 for count in range(300, 700)))


if __name__ == "__main__":
    run(main, pooled(fib, range(300, 700)))
