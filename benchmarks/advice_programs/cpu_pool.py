"""multiprocessing.Pool on pure Python: parallel already."""

from multiprocessing import Pool

from _ways import pooled, run


def steps(limit):
    longest = 0
    for number in range(limit, limit + 900):
        count = 0
        while number > 1:
            number = number // 2 if number % 2 == 0 else 3 * number + 1
            count += 1
        longest = max(longest, count)
    return longest


LIMITS = [10_000 * number + 3 for number in range(1, 281)]


def main():
    with Pool(2) as pool:
        print(max(pool.map(steps, LIMITS)))


if __name__ == "__main__":
    run(main, pooled(steps, LIMITS), {"threads": (2,), "processes": (4,)})
