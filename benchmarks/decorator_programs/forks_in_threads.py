"""Threads that call and fork, while others call."""

import os
import threading
import time
import warnings

import iobound

warnings.simplefilter("ignore", DeprecationWarning)  # of forks in programs with threads


@iobound.advise
def work():
    pass


def caller():
    for _ in range(3):
        for _ in range(100):
            work()
        pid = os.fork()
        if pid == 0:
            for _ in range(10):
                work()
            time.sleep(0.005)
            work()
            os._exit(0)
        os.waitpid(pid, 0)


threads = [threading.Thread(target=caller) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print('expect {"calls": {"work": 1332}}')
