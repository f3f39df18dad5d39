"""Sums of large arrays: the memory is the limit, not the CPU."""

import numpy as np
from _ways import pooled, run

SIZE = 12_000_000


def total(seed):
    first = np.full(SIZE, float(seed))
    second = first + 1.0
    third = first * second
    return float((third - first)[::1000].sum())


def main():
    result = 0.0
    for seed in range(14):
        result += total(seed)
    print(result)


if __name__ == "__main__":
    run(main, pooled(total, range(14)))
