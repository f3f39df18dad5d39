"""200 threads that wait for short times, again and again, beside a main thread that computes a little."""

import sys
import threading
import time

from _measured import measured_work
from _work import fibonacci

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 200
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 25


def wait_in_turns() -> None:
    for _ in range(ROUNDS):
        time.sleep(0.08)


with measured_work():
    threads = [threading.Thread(target=wait_in_turns) for _ in range(COUNT)]
    for thread in threads:
        thread.start()
    for _ in range(ROUNDS // 2):
        fibonacci(18)
        time.sleep(0.02)
    for thread in threads:
        thread.join()
