import os
import sys
import threading
import time

strangers = []


class Hands:
    """Gives the GIL away when it ends, which it does in the thread that made it."""

    def __init__(self):
        self.thread = threading.get_ident()

    def __del__(self):
        os.close(os.dup(0))
        if threading.get_ident() != self.thread:
            strangers.append(self.thread)


def deep(depth):
    hands = Hands()
    if depth:
        deep(depth - 1)
    return hands is None


def work(end):
    while time.monotonic() < end:
        deep(20)


sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=work, args=(time.monotonic() + 0.5,)) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(threading.active_count(), len(strangers))
