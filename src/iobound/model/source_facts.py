"""What the sources of observed places say: kept with a recording, so that it can be read where there are no sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from iobound.errors import LawBroken
from iobound.model.lawful import lawful

DELIBERATE_SLEEPS = frozenset({"time.sleep", "asyncio.sleep", "trio.sleep", "anyio.sleep", "gevent.sleep"})
"""Resolved names of calls that wait for nothing but time."""


class CallFact(NamedTuple):
    """What the source says of the call expression at a place.

    Attributes:
        name: Resolved dotted name such as `requests.get`, or the spelled one where it cannot be resolved.
        text: The expression as written, shortened.
        awaited: Whether it stands under `await`.
        category: Catalogue category (`network`, `disk`, `sleep`, `cpu-python`, …), None when not listed.
        gil: `releases`, `holds`, `mixed`, `python` or None when not listed.
    """

    name: str
    text: str
    awaited: bool = False
    category: str | None = None
    gil: str | None = None


class LoopFact(NamedTuple):
    """What the source says of a loop or comprehension.

    Attributes:
        kind: `for`, `async for`, `while` or `comprehension`.
        target: Loop variable as written, empty for `while`.
        iterable: Iterated expression as written, the condition for `while`.
        independent: `yes`, `no` or `unknown`.
        obstacles: Why not, or what to check: names carried between iterations, early exits, ordered output.
        source: The loop as written, at most about a dozen lines.
        throttled: Whether each iteration sleeps on purpose, whatever happens: maybe a rate that it keeps to.
        ordered: Calls as spelled that write to, or collect into, what iterations share.
        grows: Whether iterations add to the items that are still to come.
        setting: `module`; `block` inside of another statement of the module; `function` or `coroutine`; empty when not
            known.
        bound: Names that only code inside the loop has, besides its target.
        local: Names that it reads and that only code around it has: those of its function, or of the block.
        nested: Those of them that stand for functions, classes or modules, which no other process can be handed.
    """

    file: str
    function: str
    line: int
    end_line: int
    column: int
    kind: str
    target: str
    iterable: str
    independent: str
    obstacles: tuple[str, ...] = ()
    source: str = ""
    trip_count: int | None = None
    throttled: bool = False
    grows: bool = False
    ordered: tuple[str, ...] = ()
    setting: str = ""
    bound: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()

    @property
    def over_range(self) -> bool:
        """Whether it runs over the numbers of a range, with or without a filter."""
        return bool(re.match(r"range\(|\((\w+) for \1 in range\(", self.iterable))


_SEVERITIES = ("info", "warning", "error")  # of `model.finding`, which runs do not load for three words


@lawful
class FindingFact(NamedTuple):
    """What the scanner found in a file of the program, as much of it as a report of a run tells.

    Attributes:
        rule: Id such as `IOB201`.
        file: As places of the recording name it.
        line, column, end_line, end_column: As of a `Place`: columns in UTF-8 bytes; all known.
        severity: `info`, `warning` or `error`.
        message: What, and why it counts; one line.
        hint: The next step; one line.
    """

    rule: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    severity: str
    message: str
    hint: str = ""

    def _check(self) -> None:
        if not re.fullmatch("IOB[0-9]{3}", self.rule) or self.severity not in _SEVERITIES:
            raise LawBroken("a finding has no rule or no severity that there is")
        if self.line < 1 or self.column < 0 or (self.end_line, self.end_column) < (self.line, self.column):
            raise LawBroken(f"a finding of {self.rule} is nowhere in its file")


class LimitFact(NamedTuple):
    """Something that lets only so many tasks of an event loop get on at once: a semaphore, a limit of connections.

    Attributes:
        file, line: Where it is made.
        name: Resolved name of what is made, such as `asyncio.Semaphore`.
        at_once: How many it lets through.
    """

    file: str
    line: int
    name: str
    at_once: int


class SourceFacts(NamedTuple):
    """What the sources of the observed places say, kept with the recording so that it can be read elsewhere.

    Attributes:
        calls: By index into `Recording.places`.
        loops: All loops that enclose an observed place, and those of the same files that await one item after another.
        enclosing: By place: its loops in the same function, outermost first, as indices into `loops`.
        lines: By place: the source line, stripped.
        findings: Of the scanner in the user's own files that were observed, by file and place.
        unscanned: Which of those files the scanner did not look at, and why; empty when it looked at all.
        limits: Of tasks at once, in the user's own files that were observed, where the source says how many.
    """

    calls: Mapping[int, CallFact] = {}
    loops: tuple[LoopFact, ...] = ()
    enclosing: Mapping[int, tuple[int, ...]] = {}
    lines: Mapping[int, str] = {}
    findings: tuple[FindingFact, ...] = ()
    unscanned: str = ""
    limits: tuple[LimitFact, ...] = ()
