"""Four threads of Python with short calls into C that keeps the GIL: each has a quarter of it."""

import threading

from _ledger import now, settle

SECONDS = 5


def count_words(seconds: float) -> int:
    end, total = now() + seconds, 0
    line = "the quick brown fox jumps over the lazy dog " * 4
    while now() < end:
        words = line.split()
        total += len({word.upper(): len(word) for word in sorted(words)})
    return total


threads = [threading.Thread(target=count_words, args=(SECONDS,), name=f"counter {n}") for n in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
settle(
    {"cpu_python": 1},
    ["gil"],
    threads={thread.name: {"cpu_python": 1 / 4, "wait_gil": 3 / 4} for thread in threads},
    tolerance=0.08,
)
