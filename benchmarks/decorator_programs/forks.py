"""Children that are forked, in the middle of a call too, and end at once; grandchildren."""

import os
import time

import iobound


@iobound.advise
def work():
    pass


@iobound.advise
def forks(depth):
    pid = os.fork()
    if pid == 0:
        for _ in range(50):
            work()
        if depth:
            forks(depth - 1)
        time.sleep(0.005)
        work()  # what was called in the millisecond before `os._exit` would be lost
        os._exit(0)
    os.waitpid(pid, 0)


for _ in range(3):
    work()
    forks(2)
print('expect {"calls": {"work": 462, "forks": 3}, "at_least": ["forks"]}')
