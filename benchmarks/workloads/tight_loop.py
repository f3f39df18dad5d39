"""Arithmetic without a single call."""

from _measured import measured_work


def spin(rounds: int) -> int:
    x = 1
    while rounds:
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        rounds -= 1
    return x


with measured_work():
    spin(18_000_000)
