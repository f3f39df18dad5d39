"""Reads compressed logs line by line and counts status codes."""

import gzip
import tempfile

from _ways import pooled, run


def statuses(path):
    counts = {}
    with gzip.open(path, "rt") as lines:
        for line in lines:
            status = line.split()[-2]
            counts[status] = counts.get(status, 0) + 1
    return counts


def main(paths):
    total = {}
    for path in paths:
        for status, count in statuses(path).items():
            total[status] = total.get(status, 0) + count
    print(total)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/{number}.log.gz" for number in range(16)]
        text = "".join(f"10.0.0.{n % 250} GET /p/{n} {200 if n % 9 else 404} {n % 5000}\n" for n in range(230_000))
        packed = gzip.compress(text.encode(), 1)
        for path in paths:
            with open(path, "wb") as file:
                file.write(packed)
        run(lambda: main(paths), pooled(statuses, paths))
