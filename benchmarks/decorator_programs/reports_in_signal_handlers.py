"""A signal handler that asks for a report, while the program does."""

import signal
import time

import iobound

told = 0


@iobound.advise
def work():
    pass


def tells(signum, frame):
    global told
    assert work.report().as_dict()["functions"][0]["calls"] >= 10
    told += 1


for _ in range(10):
    work()
work.report().as_dict()  # what is half loaded cannot be used by a handler
signal.signal(signal.SIGALRM, tells)
for round_ in range(4):
    signal.setitimer(signal.ITIMER_REAL, 0.0005 + 0.001 * round_)
    assert work.report().as_dict()["functions"][0]["calls"] >= 10
    while told <= round_:
        time.sleep(0.001)
print('expect {"calls": {"work": 10}}')
