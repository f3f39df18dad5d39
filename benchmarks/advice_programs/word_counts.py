"""Counts words over files into one Counter."""

import tempfile
from collections import Counter
from pathlib import Path

from _ways import pooled, run


def words_of(path):
    counts = Counter()
    with open(path, encoding="utf-8") as file:
        for line in file:
            counts.update(word.strip(".,;").lower() for word in line.split())
    return counts


def main(folder):
    total = Counter()
    for path in Path(folder).glob("*.txt"):
        total.update(words_of(path))
    print(total.most_common(3))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        line = " ".join(f"Word{n % 701}," for n in range(40)) + "\n"
        for number in range(24):
            Path(folder, f"{number}.txt").write_text(line * 5500)
        run(lambda: main(folder), pooled(words_of, sorted(Path(folder).glob("*.txt"))))
