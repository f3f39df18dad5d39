"""A program that is killed in the middle of a call, with its child."""

import os
import signal
import sys
import time

import iobound


@iobound.advise
def work():
    time.sleep(0.3)  # before the observer has a session of its own, it would be killed, too
    os.killpg(0, signal.SIGKILL)


if os.getpgid(0) != os.getpid():
    os.setpgid(0, 0)
if os.fork() == 0:
    time.sleep(60)
print('expect {"report": false, "exit": -9}')
sys.stdout.flush()
work()
