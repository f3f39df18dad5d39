"""Rows of a CSV file, each with a little computing, at module level without functions but one."""

import csv
import io
import math

from _ways import asked, pooled, run

text = "\n".join(f"{number},{number % 97},{number % 13}" for number in range(150_000))


def score(row):
    first, second, third = map(float, row)
    value = 0.0
    for step in range(1, 60):
        value += math.sin(first / step) * second + third * math.cos(value)
    return value


if __name__ == "__main__":
    reader = csv.reader(io.StringIO(text))
    if asked():
        run(lambda: None, pooled(score, list(reader)))
    else:
        total = 0.0
        for row in reader:
            total += score(row)
        print(round(total, 3))
