"""Pure Python on four threads: they take turns."""

from concurrent.futures import ThreadPoolExecutor, as_completed

from _ways import pooled, run


def matmul(size):
    left = [[row * column % 7 for column in range(size)] for row in range(size)]
    return [
        [sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*left, strict=True)] for row in left
    ][-1][-1]


def main():
    results = []
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(matmul, 70 + number % 7) for number in range(80)]
        for future in as_completed(futures):
            results.append(future.result())
    print(sum(results))


if __name__ == "__main__":
    run(main, pooled(matmul, [70 + number % 7 for number in range(80)]), {"threads": (2,), "processes": (2,)})
