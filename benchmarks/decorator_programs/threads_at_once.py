"""Sixty-four threads call at once."""

import threading

import iobound

together = threading.Barrier(64)


@iobound.advise
def work(number):
    return number * number


def caller():
    together.wait()
    for number in range(200):
        work(number)


threads = [threading.Thread(target=caller) for _ in range(64)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print('expect {"calls": {"work": 12800}}')
