"""Six threads of Python: each computes a sixth of the time and queues for the GIL in the rest."""

import threading

from _ledger import compute, settle

threads = [threading.Thread(target=compute, args=(5,), name=f"computer {n}") for n in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
settle(
    {"cpu_python": 1},
    ["gil"],
    threads={thread.name: {"cpu_python": 1 / 6, "wait_gil": 5 / 6} for thread in threads},
    tolerance=0.08,
)
