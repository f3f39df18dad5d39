"""Signal handlers that call what they interrupt."""

import signal
import time

import iobound

handled = 0


@iobound.advise
def work(number):
    return sum(range(number))


@iobound.advise
def handle(signum, frame):
    global handled
    handled += 1
    work(3)


signal.signal(signal.SIGALRM, handle)
signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
until = time.monotonic() + 0.15
called = 0
while time.monotonic() < until:
    work(30)
    called += 1
signal.setitimer(signal.ITIMER_REAL, 0, 0)
time.sleep(0.01)
print(f'expect {{"calls": {{"work": {called + handled}, "handle": {handled}}}}}')
