"""One threading.Thread per item for work in pure Python, as a first try at going faster."""

import threading

from _ways import pooled, run

results = {}


def is_perfect(number):
    return sum(divisor for divisor in range(1, number // 2 + 1) if number % divisor == 0) == number


def count(start):
    found = [number for number in range(start, start + 1100) if is_perfect(number)]
    results[start] = len(found)
    return len(found)


STARTS = list(range(2000, 18000, 2000))


def main():
    threads = []
    for start in STARTS:
        thread = threading.Thread(target=count, args=(start,))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    print(sum(results.values()))


if __name__ == "__main__":
    run(main, {**pooled(count, STARTS, "processes"), "fewer_workers": lambda _: list(map(count, STARTS))})
