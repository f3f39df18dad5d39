"""Numbers of a report that a gate can be about, and the ways to set its limit from a handful of earlier runs.

* *half-way*: the median of five baseline runs, and half of the change that must not get past on top.
* *spread*: the largest of the five, and as much again as it lies above the smallest. A count on which all agree is its
  own limit.
* *wider*: the larger of the two.
* *least*: the smallest of the five, and half of the change on top; for several runs of which one has to keep to it.
  What else a machine does can only add to a program's time, so the least of some runs is the least disturbed. Counts
  that are small need more room: *wider* for them, too.

All are tried on everything; docs/gates.md says which is for what.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

BASELINES = 5
"""Runs that a limit is set from."""

CHANGE = 0.2
"""The least change that a gate is meant to see."""

RULES = ("half-way", "spread", "wider")


Document = Mapping[str, Any]


class Kind(NamedTuple):
    """A number of the report that must not exceed a limit.

    Attributes:
        name: As the table calls it.
        measure: The left side of a check; `{target}` is what the program waits for, `{callee}` what its loop calls.
        value: The same number read from a report; None where it was not measured.
        half_way: From the median, and the least change to be seen, to the limit.
        most: The largest limit that something can break; beyond it, a check is refused.
        least: The rule for several runs of which one has to keep to the limit.
    """

    name: str
    measure: str
    value: Callable[[Document], float | None]
    half_way: Callable[[float, float], float] = lambda median, change: median * (1 + change / 2)
    most: float = float("inf")
    least: str = "least"

    def check(self, limit: float, target: str, callee: str) -> str:
        """The expression that `--check` is given."""
        return f"{self.measure.format(target=target, callee=callee)}<={limit!r}"


def _waits(key: str) -> Callable[[Document], float | None]:
    """The sum over a target; None where no wait for it was seen, which is for a second check to say (`count(…)>0`)."""

    def total(report: Document) -> float | None:
        found = [wait[key] for wait in report["waits"] if wait["target"].startswith("127.0.0.1:")]
        return float(sum(found)) if found else None

    return total


def _calls(report: Document) -> float | None:
    """Of the loop over all items."""
    sites = [site for site in report["sites"] if site["callee"] in ("order", "page")]
    return None if not sites or sites[0]["calls"] is None else float(sites[0]["calls"])


def _more_of_a_share(share: float, change: float) -> float:
    """What becomes of a share when what it is a share of takes half of the change longer, and all else as long."""
    return share * (1 + change / 2) / (1 + share * change / 2)


KINDS = (
    Kind("wall seconds", "wall_s", lambda report: report["wall_s"]),
    Kind("CPU seconds", "cpu_s", lambda report: report["cpu_s"]),
    Kind("share of waiting", "wait_network", lambda report: report["states"]["wait_network"], _more_of_a_share, 0.999),
    Kind("seconds of waiting for a target", 'sum(waits["{target}"].wall_s)', _waits("wall_s")),
    Kind("waits seen for a target", 'sum(waits["{target}"].count)', _waits("count")),
    Kind(
        "voluntary context switches",
        "totals.context_switches.voluntary",
        lambda report: report["totals"]["context_switches"]["voluntary"],
        least="wider",
    ),
    Kind("calls at a site", "max(sites[callee={callee}].calls)", _calls),
    Kind(
        "findings of a rule",
        "count(findings[IOB114])",
        lambda report: float(sum(finding["rule"] == "IOB114" for finding in report["findings"])),
    ),
)
"""In the order of the table."""


def spread(values: Sequence[float]) -> float:
    """The largest, and as much again as it lies above the smallest.

    Example:
        >>> spread([66, 66, 66, 66, 66]), spread([18, 19, 18, 22, 18])
        (66, 26)
    """
    return max(values) + (max(values) - min(values))


def least_limit(kind: Kind, values: Sequence[float | None]) -> float | None:
    """The limit that one of several runs has to keep to; None where a baseline run did not measure it.

    Example:
        >>> least_limit(KINDS[0], [2.0, 1.5, 4.0, 2.25, 1.75])
        1.6500000000000001
        >>> least_limit(KINDS[5], [66, 66, 104, 66, 66])
        142
    """
    if kind.least != "least":
        return limits_of(kind, values)[kind.least]
    known = [value for value in values if value is not None]
    return None if len(known) < len(values) else kind.half_way(min(known), CHANGE)


def limits_of(kind: Kind, values: Sequence[float | None]) -> Mapping[str, float | None]:
    """The limit by each rule; None where a baseline run did not measure it.

    Example:
        >>> limits_of(KINDS[0], [2.0, 1.5, 4.0, 2.25, 1.75])
        {'half-way': 2.2, 'spread': 6.5, 'wider': 6.5}
        >>> limits_of(KINDS[6], [16, None, 16, 16, 16])
        {'half-way': None, 'spread': None, 'wider': None}
    """
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return dict.fromkeys(RULES)
    half_way, widest = kind.half_way(statistics.median(known), CHANGE), spread(known)
    limits = (min(limit, kind.most) for limit in (half_way, widest, max(half_way, widest)))
    return dict(zip(RULES, limits, strict=True))
