"""One thread hands out a job every 40 ms, three take them: 12 ms of hashing and a nap of 20 ms each."""

import hashlib
import queue
import threading
import time

from _ledger import now, settle

JOBS, PERIOD, HASHING, WAITING = 120, 0.04, 0.012, 0.02
jobs: queue.Queue[bytes | None] = queue.Queue()


def work() -> None:
    while (block := jobs.get()) is not None:
        end = now() + HASHING
        while now() < end:
            hashlib.sha512(block).digest()
        time.sleep(WAITING)


threads = [threading.Thread(target=work, name=f"taker {n}") for n in range(3)]
for thread in threads:
    thread.start()
payload, start = bytes(500_000), now()
for number in range(JOBS):
    jobs.put(payload)
    time.sleep(max(0.0, start + (number + 1) * PERIOD - now()))
for _ in threads:
    jobs.put(None)
for thread in threads:
    thread.join()
settle({"cpu_native": HASHING, "wait_sleep": PERIOD - HASHING}, ["sleep", "mixed"], tolerance=0.08)
