"""Writes files and makes sure of each with fsync."""

import os
import tempfile

from _ways import pooled, run

COUNT = 2500


def store(path):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.write(descriptor, b"x" * 50_000)
    os.fsync(descriptor)
    os.close(descriptor)


def main(paths):
    while paths:
        store(paths.pop())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=".") as folder:
        paths = [f"{folder}/{number}" for number in range(COUNT)]
        run(lambda: main(paths), pooled(store, paths), {"threads": (2, 8), "processes": (2,)})
