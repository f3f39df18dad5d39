"""Daemon threads that go on calling while the program ends."""

import threading
import time

import iobound


@iobound.advise
def work():
    pass


def caller():
    while True:
        work()


for _ in range(4):
    threading.Thread(target=caller, daemon=True).start()
time.sleep(0.05)
print('expect {"calls": {"work": 1000}, "at_least": ["work"]}')
