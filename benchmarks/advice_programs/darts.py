"""Estimates pi by throwing darts in one loop of short rounds."""

import random

from _ways import pooled, run

THROWS = 12_000_000


def throw(count):
    inside = 0
    for _ in range(count):
        x, y = random.random(), random.random()
        if x * x + y * y <= 1.0:
            inside += 1
    return inside


def main():
    print(4 * throw(THROWS) / THROWS)


if __name__ == "__main__":
    run(main, pooled(throw, [THROWS // 8] * 8))
