"""Compares all pairs of names with difflib."""

import difflib
from itertools import combinations

from _ways import pooled, run

FIRST = ["Anna", "Bernd", "Clara", "Dieter", "Emma"]
LAST = ["Maier", "Mayer", "Schmidt", "Schmitt", "Huber", "Hueber", "Fischer", "Vischer", "Weber"]
NAMES = [f"{first} {last} {number}" for number in range(8) for first in FIRST for last in LAST]


def likeness(pair):
    return difflib.SequenceMatcher(None, *pair).ratio()


def main():
    alike = 0
    for first, second in combinations(NAMES, 2):
        if difflib.SequenceMatcher(None, first, second).ratio() > 0.9:
            alike += 1
    print(alike)


if __name__ == "__main__":
    run(main, pooled(likeness, list(combinations(NAMES, 2))))
