"""Numbers in sentences: shares, durations and speed-ups that do not claim more than is known."""

from __future__ import annotations

from iobound.model import factors
from iobound.model.breakdown import Site
from iobound.model.prediction import Estimate
from iobound.model.state import State

NOUN = {
    State.CPU_PYTHON: "computing with the GIL held",
    State.CPU_NATIVE: "computing with the GIL released",
    State.WAIT_NETWORK: "waiting for the network",
    State.WAIT_DISK: "waiting for the disk",
    State.WAIT_IPC: "waiting for another process",
    State.WAIT_CHILD: "waiting for child processes",
    State.WAIT_SLEEP: "sleeping on purpose",
    State.WAIT_LOCK: "waiting for a lock or another thread",
    State.WAIT_GIL: "waiting for the GIL",
    State.WAIT_INPUT: "waiting for input",
    State.WAIT_CPU: "waiting for a CPU",
    State.IDLE: "idle",
    State.UNKNOWN: "unknown",
}
"""What a thread in each state is doing."""

NS = 1e-9
_WHOLE = 1e-9  # shares are sums of floats: nearer to 1 than this is 1


def percent(share: float) -> str:
    """A share for people: never `100 %` unless it is all, never `0 %` when there was some.

    Example:
        >>> percent(0.914), percent(0.9997), percent(0.002), percent(0.0)
        ('91 %', 'over 99 %', 'under 1 %', '0 %')
    """
    if 0.995 <= share < 1 - _WHOLE:
        return "over 99 %"
    if 0 < share < 0.005:
        return "under 1 %"
    return f"{share * 100:.0f} %"


def seconds(value: float) -> str:
    """A duration with the unit that suits it.

    Example:
        >>> seconds(12.41), seconds(0.0382), seconds(0.00005), seconds(200)
        ('12.4 s', '38 ms', '50 µs', '200 s')
    """
    if value >= 100:
        return f"{value:.0f} s"
    if value >= 1:
        return f"{value:.1f} s"
    if value >= 0.001:
        return f"{value * 1e3:.2g} ms" if value < 0.01 else f"{value * 1e3:.0f} ms"
    return f"{value * 1e6:.0f} µs"


def duration(ns: float) -> str:
    """Nanoseconds as a duration."""
    return seconds(ns * NS)


def times(value: float) -> str:
    """A speed-up.

    Example:
        >>> times(8.94), times(0.856), times(12.06)
        ('8.9 ×', '0.86 ×', '12.1 ×')
    """
    return f"{factors.factor(value)} ×"


def between(estimate: Estimate) -> str:
    """A speed-up with its interval, rounded outwards.

    Example:
        >>> between(Estimate(5.2, 2.05, 13.04))
        '5.2 × (2.0 to 13.1)'
    """
    low, high = factors.factor_ends(estimate)
    return f"{times(estimate.estimate)} ({low} to {high})"


def place(file: str, line: int | None) -> str:
    """A place in short: the file's own name and the line."""
    name = file.replace("\\", "/").rpartition("/")[2] or file
    return f"{name}:{line}" if line else name


def name_of(site: Site) -> str:
    """What a site is called: the function that it calls, or the loop itself."""
    line = site.loop.line if site.loop is not None else site.line
    return f"`{site.callee}`" if site.callee else f"the loop at {place(site.file, line)}"


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def count_of(number: float, noun: str) -> str:
    """A number of things, whole and with its plural.

    Example:
        >>> count_of(1, "item"), count_of(119.7, "item")
        ('1 item', '120 items')
    """
    whole = round(number)
    return f"{whole} {noun}" if whole == 1 else f"{whole} {noun}s"
