"""The answer: verdict, advice, evidence, and everything that they rest on."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from iobound.errors import LawBroken
from iobound.model.breakdown import Breakdown
from iobound.model.calls import FunctionCalls
from iobound.model.lawful import lawful
from iobound.model.prediction import Estimate, Prediction, Strategy
from iobound.model.recording import Recording
from iobound.model.state import State
from iobound.model.timeline import Timeline


class Bound(StrEnum):
    """What a program is bound by."""

    IO = "io"
    CPU = "cpu"
    MIXED = "mixed"
    GIL = "gil"
    LOCK = "lock"
    STARVED = "starved"
    SLEEP = "sleep"
    INCONCLUSIVE = "inconclusive"


@lawful
class Verdict(NamedTuple):
    """What the program is bound by, with the share that says so.

    Attributes:
        dominant: The state with the largest share of what the verdict counts.
        share: Share of wall time that supports the bound; `low` and `high` are its 90 % interval.
        summary: One sentence.
        settle: What would settle an inconclusive or mixed verdict, empty otherwise.
    """

    bound: Bound
    dominant: State
    share: float
    low: float
    high: float
    summary: str
    settle: str = ""

    def _check(self) -> None:
        if not self.low <= self.share <= self.high:
            raise LawBroken(f"verdict share {self.share} lies outside {self.low}..{self.high}")


class Advice(NamedTuple):
    """One thing to do, or to leave; best first in a diagnosis.

    Attributes:
        site: Index into `Breakdown.sites`, None when it concerns the whole program.
        speed_up: Of the whole program.
        reason: Why, with numbers that a person can check.
        steps: What to do, in order.
        snippet: Code with the program's own names, empty when there is none to show.
        obstacles: What stands against it or must be checked first.
    """

    strategy: Strategy
    workers: int | None
    site: int | None
    speed_up: Estimate
    reason: str
    steps: tuple[str, ...] = ()
    snippet: str = ""
    obstacles: tuple[str, ...] = ()


METHODS: tuple[str, ...] = ("names", "waits", "trace", "profile", "instrument", "resources", "syscalls")
"""The seven classic ways to tell what a program is bound by, in the order of the report."""


@lawful
class Evidence(NamedTuple):
    """What one of the seven ways says.

    Attributes:
        method: One of `METHODS`.
        says: A `Bound` value, or `unavailable`.
        weight: 0..1, how much it can say here.
        text: One sentence with its number.
    """

    method: str
    says: str
    weight: float
    text: str

    def _check(self) -> None:
        if self.method not in METHODS:
            raise LawBroken(f"no such kind of evidence: {self.method}")


class CheckPlace(NamedTuple):
    """What a number that was checked comes from.

    Attributes:
        file: Where that is; None where it is no place in a file.
        line: 1-based; None when unknown.
        name: What it is: the target of a wait, a call, a rule, a test.
    """

    file: str | None
    line: int | None
    name: str


class Check(NamedTuple):
    """A gate of `--check` and how it went.

    Attributes:
        expression: What was asked, as it was written.
        seen: None when it is not known here.
        text: One line: what was asked, what was seen, its interval, where.
        low, high: The 90 % interval of the number that was seen, where it has one.
        places: Where it comes from, most of it first.
    """

    expression: str
    passed: bool
    seen: str | None
    text: str
    low: float | None = None
    high: float | None = None
    places: tuple[CheckPlace, ...] = ()


class FunctionDiagnosis(NamedTuple):
    """What the calls of one function are bound by and what would help, as if they were all of the run."""

    calls: FunctionCalls
    breakdown: Breakdown
    verdict: Verdict
    advice: tuple[Advice, ...]
    predictions: tuple[Prediction, ...]


class Diagnosis(NamedTuple):
    """Everything that a report can show; every report is a function of this."""

    recording: Recording
    timeline: Timeline
    breakdown: Breakdown
    verdict: Verdict
    advice: tuple[Advice, ...]
    predictions: tuple[Prediction, ...]
    evidence: tuple[Evidence, ...]
    checks: tuple[Check, ...] = ()
    phase_bounds: tuple[Bound, ...] = ()  # of `Breakdown.phases`, in their order; empty when not judged
    about: str = ""  # the function whose calls all of this is about; empty when it is about the run
    functions: tuple[FunctionDiagnosis, ...] = ()  # whose calls were delimited, most time first
