"""Two sides of one or more runs each: what changed between them, and what noise does not let anybody tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from iobound.errors import LawBroken
from iobound.model.lawful import lawful

if TYPE_CHECKING:
    from iobound.model.diagnosis import Check


class Unit(StrEnum):
    """What a quantity is measured in; all but shares are compared by their ratio."""

    SECONDS = "s"
    COUNT = "count"
    BYTES = "bytes"
    SHARE = "share"
    FACTOR = "factor"


class Presence(StrEnum):
    """On which side something was seen: on head's alone, on base's alone, or on both.

    What one side alone has is new or gone if no run of the other and most of its own have it, and enough of it; else it
    is `UNSURE`, as all of it is where such things are not compared.
    """

    NEW = "new"
    GONE = "gone"
    KEPT = "kept"
    UNSURE = "unsure"


@lawful
class Change(NamedTuple):
    """One quantity on both sides.

    Attributes:
        before, after: Over the runs of base, and of head: a mean of shares, a geometric mean of all else; None where
            no run of that side measured it.
        measured: The change as measured: a difference of shares, else a ratio less 1; None where it is not judged.
        low, high: Its 90 % interval; both None where it has none.
        visible: The least rise that would be told in 9 of 10 comparisons like this one; None where it has none.
        beyond: Whether it is larger than noise explains.
        why: Why it is not judged; empty where it is.
    """

    unit: Unit
    before: float | None = None
    after: float | None = None
    measured: float | None = None
    low: float | None = None
    high: float | None = None
    visible: float | None = None
    beyond: bool = False
    why: str = ""

    def _check(self) -> None:
        if self.why and (self.measured is not None or self.beyond):
            raise LawBroken("a change is judged that cannot be")
        if self.low is None or self.high is None or self.measured is None:
            return
        if not self.low <= self.measured <= self.high:
            raise LawBroken("a change lies outside of its interval")
        if self.beyond and self.low <= 0 <= self.high:
            raise LawBroken("a change is beyond noise, and may be none")

    @property
    def change(self) -> float | None:
        """The change that can be told: 0 where it is not beyond noise, None where it is not judged."""
        return self.measured if self.beyond or self.measured is None else 0.0

    @property
    def surely(self) -> float | None:
        """The end of the interval that is nearest to no change; 0 where the change is not beyond noise."""
        if self.measured is None:
            return None
        if not self.beyond:
            return 0.0
        if self.low is None or self.high is None:
            return self.measured
        return self.low if self.measured > 0 else self.high

    @property
    def rises(self) -> bool:
        """Whether it is more, beyond noise."""
        return self.beyond and self.measured is not None and self.measured > 0

    @property
    def falls(self) -> bool:
        """Whether it is less, beyond noise."""
        return self.beyond and self.measured is not None and self.measured < 0


class Where(NamedTuple):
    """Where something stands in the code of a side.

    Attributes:
        file: As the reports of that side name it: from their working directory, or as a whole.
        line: 1-based; None when not known.
        function: Qualified name; empty when not known.
    """

    file: str
    line: int | None
    function: str = ""


class WaitChange(NamedTuple):
    """Waiting of one kind for one target.

    Attributes:
        target: Without what differs from run to run: see `targets`. Empty when not known.
        file, function: What waits, where there is no target to go by; else empty.
        presence: Which side has it.
        count: Separate waits; not judged where they are too short to be counted.
        wall_s: Time of the run that belongs to it.
        thread_s: Time over all threads.
        each_s: Time of one wait.
        at: Where head waits so for longest; where base did when it is gone; None when not known.
    """

    state: str
    target: str
    file: str
    function: str
    presence: Presence
    count: Change  # type: ignore[assignment]  # a tuple has a method of this name
    wall_s: Change
    thread_s: Change
    each_s: Change
    at: Where | None = None

    @property
    def beyond(self) -> bool:
        """Whether anything of it changed beyond noise."""
        return any(each.beyond for each in (self.count, self.wall_s, self.thread_s, self.each_s))


class HotspotChange(NamedTuple):
    """Time in one call of one function, wherever the function stands.

    Attributes:
        file: Where head has it; where base had it when it is gone.
        file_before: The file that base had it in, when that is another.
        line, line_before: Its first line on each side; None when not known.
        at: Where it stands in head; in base when it is gone.
    """

    function: str
    call: str
    file: str
    file_before: str
    line: int | None
    line_before: int | None
    presence: Presence
    wall_s: Change
    share: Change
    at: Where | None = None

    @property
    def beyond(self) -> bool:
        """Whether its time changed beyond noise."""
        return self.wall_s.beyond or self.share.beyond


class FindingChange(NamedTuple):
    """A finding of the scanner, known again by rule, file, function and its number among those.

    Attributes:
        at: Where it stands in head; in base when it is gone.
    """

    rule: str
    file: str
    function: str
    line: int | None
    severity: str
    message: str
    presence: Presence
    at: Where | None = None


class AdviceChange(NamedTuple):
    """A piece of advice, known again by what it says to do and where.

    Attributes:
        function, callee: Of the site; empty for the whole program.
        workers, workers_before: On each side; None when there are none.
        beyond: Whether it is new, gone or worth something else beyond noise.
        speed_up: What it gains of the whole program.
    """

    strategy: str
    file: str
    function: str
    callee: str
    workers: int | None
    workers_before: int | None
    presence: Presence
    beyond: bool
    speed_up: Change


class VerdictChange(NamedTuple):
    """What the runs of each side are bound by.

    Attributes:
        before, after: What most runs of that side say.
        runs_before, runs_after: How many runs say what.
        beyond: Whether no run of either side says what most of the other side do, and a share changed, too.
    """

    before: str
    after: str
    runs_before: Mapping[str, int]
    runs_after: Mapping[str, int]
    beyond: bool


class Side(NamedTuple):
    """One side: what was run, where, and how often.

    Attributes:
        runs: Names of its reports, in the order of their names.
        machine, interpreter: As people read them; several with commas.
        cwd: Working directory of the first of them, that relative names of files start from.
        script: The file that was run, as they name it; empty where it was none, or not always the same.
    """

    runs: tuple[str, ...]
    command: str
    machine: str
    interpreter: str
    iobound: str
    source: str
    cwd: str = ""
    script: str = ""


OF_REGRESSIONS = ("seconds", "waits", "counts", "loops", "memory", "findings", "ending")
"""What regressions are made of, as `Comparison.not_compared` names it: seconds of the run, waits by target, their
counts, blocks of event loops, peak memory, findings; and an ending alike, for else there may have been less work."""


@lawful
class Comparison(NamedTuple):
    """What changed between two sides.

    Attributes:
        warnings: What cannot be compared, and why; sentences without a full stop.
        not_compared: Why something is not judged, or its list left empty, by its name: those of `OF_REGRESSIONS`, and
            `shares`, `computing` (and waiting for the GIL), `lines`, `context_switches`, `advice`.
        totals: Quantities of the whole run: `wall_s`, `cpu_s`, `peak_rss_bytes`, `context_switches` (voluntary),
            `loop_blocked_s` and `loop_blocks` of event loops.
        states: Share of the wall time in each state.
        states_s: Seconds in each state.
        waits, hotspots, advice: Most time, or most gain, first.
        worse, better: Paths of what became worse or better beyond noise, as `--fail-on` names them.
        level: How seldom noise alone looks like a change, for each quantity that could be a regression.
        level_of_others: The same for each of all other quantities.
        places: Where in head most of a change of the whole run is, by the name of the total; `regressions` is where
            the first of `worse` is that has a place.
        checks: How it did against what must not be.
    """

    base: Side
    head: Side
    warnings: tuple[str, ...]
    not_compared: Mapping[str, str]
    verdict: VerdictChange
    totals: Mapping[str, Change]
    states: Mapping[str, Change]
    states_s: Mapping[str, Change]
    waits: tuple[WaitChange, ...]
    hotspots: tuple[HotspotChange, ...]
    findings: tuple[FindingChange, ...]
    advice: tuple[AdviceChange, ...]
    worse: tuple[str, ...]
    better: tuple[str, ...]
    level: float
    level_of_others: float
    places: Mapping[str, Where] = {}
    checks: tuple[Check, ...] = ()

    def _check(self) -> None:
        if not self.base.runs or not self.head.runs:
            raise LawBroken("a side of a comparison has no runs")

    def changes(self) -> Iterator[Change]:
        """Every quantity that was looked at."""
        yield from self.totals.values()
        yield from self.states.values()
        yield from self.states_s.values()
        for wait in self.waits:
            yield from (wait.count, wait.wall_s, wait.thread_s, wait.each_s)
        for hotspot in self.hotspots:
            yield from (hotspot.wall_s, hotspot.share)
        yield from (each.speed_up for each in self.advice)

    @property
    def barred(self) -> tuple[str, ...]:
        """What could have a regression and is not compared: with any of it, nobody knows that nothing is worse."""
        return tuple(name for name in OF_REGRESSIONS if name in self.not_compared)

    @property
    def regressions_of_what_is_compared(self) -> int | None:
        """How many changes are for the worse, whatever is not compared; None where nothing is."""
        return None if {*OF_REGRESSIONS} - {"ending"} <= {*self.barred} else len(self.worse)

    @property
    def changed(self) -> bool:
        """Whether anything at all changed beyond noise."""
        return (
            self.verdict.beyond
            or any(change.beyond for change in self.changes())
            or any(each.beyond for each in self.advice)
            or any(finding.presence is not Presence.KEPT for finding in self.findings)
        )
