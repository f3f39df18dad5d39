"""A second load beside a measurement: computes in spells and rests in between, until its standard input ends."""

import random
import select
import sys
import time


def spells(seed: int) -> None:
    """Spells of 10 to 400 ms, and a third as long at rest; the same ones for the same seed."""
    chance = random.Random(seed)
    while True:
        spell = chance.uniform(0.01, 0.4)
        end = time.monotonic() + spell
        while time.monotonic() < end:
            sum(range(2000))
        if select.select([sys.stdin], [], [], spell / 3)[0]:
            return


if __name__ == "__main__":
    spells(int(sys.argv[1]))
