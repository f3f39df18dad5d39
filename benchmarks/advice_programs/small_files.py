"""Reads and rewrites many small files."""

import os
import tempfile

from _ways import pooled, run

COUNT = 12_000


def rewrite(path):
    with open(path) as file:
        text = file.read()
    with open(path + ".new", "w") as file:
        file.write(text.upper())
    return len(text)


def main(folder):
    done = 0
    for entry in list(os.scandir(folder)):
        done += rewrite(entry.path)
    print(done)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=".") as folder:
        for number in range(COUNT):
            with open(f"{folder}/{number}.txt", "w") as file:
                file.write("some text\n" * 40)
        paths = [entry.path for entry in os.scandir(folder)]
        run(lambda: main(folder), pooled(rewrite, paths), {"threads": (2, 8), "processes": (2,)})
