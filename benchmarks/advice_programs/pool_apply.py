"""Pool.apply in a loop: each call waits for its result, so the pool runs one at a time."""

from multiprocessing import Pool

from _ways import pooled, run


def digits(count):
    number = 3 ** (count * 4)
    total = 0
    while number:
        number, digit = divmod(number, 1000)
        total += digit
    return total


COUNTS = list(range(3500, 3740))


def main():
    with Pool(2) as pool:
        results = []
        for count in COUNTS:
            results.append(pool.apply(digits, (count,)))
    print(sum(results))


if __name__ == "__main__":
    run(main, pooled(digits, COUNTS, "processes"), {"processes": (2,)})
