"""Wait for a job to finish by looking at it now and then.

Shows:    a program that asks to sleep, and does so until something is ready; each round needs the one before.
Expected: verdict `sleep`; the advice is `sequential`: no threads, no processes. To be faster, sleep less.
"""

import time

PERIOD_S = 0.2
ROUNDS = 12


class Job:
    """Something that gets ready by itself, a bit at every look."""

    def __init__(self):
        self.progress = 0

    def look(self):
        self.progress += 1
        return self.progress >= ROUNDS


def wait_for(job):
    rounds = 1
    while not job.look():
        time.sleep(PERIOD_S)
        rounds += 1
    return rounds


def main():
    print("ready after", wait_for(Job()), "looks")


if __name__ == "__main__":
    main()
