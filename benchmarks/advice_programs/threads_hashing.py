"""Hashing on two threads: parallel already, because hashing lets go of the GIL."""

import hashlib
import threading

from _ways import pooled, run

DATA = [bytes([number]) * 8_000_000 for number in range(4)]
COUNT = 144
found = {}


def digest(number):
    found[number] = hashlib.sha3_256(DATA[number % 4]).hexdigest()


def worker(numbers):
    for number in numbers:
        digest(number)


def main():
    threads = [threading.Thread(target=worker, args=(range(start, COUNT, 2),)) for start in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(len(found))


if __name__ == "__main__":
    run(main, pooled(digest, range(COUNT)), {"threads": (4,), "processes": (2,)})
