"""Pure Python, items of about 1 ms, in a loop that fills a dict."""

from _ways import pooled, run

STARTS = range(1_000_001, 1_000_001 + 4000)


def longest(start):
    best = 0
    for number in range(start, start + 60):
        steps = 0
        while number != 1 and steps < 400:
            number = 3 * number + 1 if number & 1 else number >> 1
            steps += 1
        best = max(best, steps)
    return best


def main():
    table = {}
    for start in STARTS:
        table[start] = longest(start)
    print(max(table.values()))


if __name__ == "__main__":
    run(main, pooled(longest, STARTS))
