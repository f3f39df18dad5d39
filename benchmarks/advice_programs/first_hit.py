"""Asks mirrors in turn and stops at the first that has it: later ones need not be asked."""

import urllib.request

from _server import serving
from _ways import run


def has_it(base, mirror):
    with urllib.request.urlopen(f"{base}/mirror/{mirror}?delay=50") as answer:
        return len(answer.read()) > 0 and mirror >= 44


def main():
    with serving() as base:
        for mirror in range(60):
            if has_it(base, mirror):
                print("found at", mirror)
                break


if __name__ == "__main__":
    run(main)
