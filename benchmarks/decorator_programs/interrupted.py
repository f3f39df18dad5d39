"""Ctrl-C again and again, wherever it hits."""

import os
import signal
import threading
import time

import iobound


@iobound.advise
def work():
    time.sleep(0.0002)


def interrupts():
    for _ in range(100):
        time.sleep(0.0007)
        os.kill(os.getpid(), signal.SIGINT)


finished = 0
thread = threading.Thread(target=interrupts)
while True:
    try:
        if not thread.ident:
            thread.start()
        while thread.is_alive():
            work()
            finished += 1
        break
    except KeyboardInterrupt:
        pass
while True:
    try:
        thread.join()
        time.sleep(0.01)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        break
    except KeyboardInterrupt:
        pass
for _ in range(100):
    work()
print('expect {"calls": {"work": 100}, "at_least": ["work"]}')  # an interrupt may take those of a millisecond with it
