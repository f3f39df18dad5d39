"""Threads that do all their work under one lock."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from _ways import run

lock = threading.Lock()
ledger = []


def book(number):
    with lock:
        time.sleep(0.02)
        ledger.append(number)


def main(workers=6):
    with ThreadPoolExecutor(workers) as pool:
        for number in range(120):
            pool.submit(book, number)
    print(len(ledger))


if __name__ == "__main__":
    run(main, {"threads": main}, {"threads": (2, 16)})
