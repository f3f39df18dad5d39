"""Calls an API that allows twenty requests a second, and keeps to it by sleeping."""

import time
import urllib.request

from _server import serving
from _ways import run

PAUSE = 0.05


def ask(url):
    began = time.monotonic()
    with urllib.request.urlopen(url) as answer:
        length = len(answer.read())
    time.sleep(max(0.0, PAUSE - (time.monotonic() - began)))
    return length


def main():
    with serving() as base:
        total = 0
        for number in range(50):
            total += ask(f"{base}/quota/{number}?delay=5")
        print(total)


if __name__ == "__main__":
    run(main)
