"""Waits by target: how many, for how long, and how long each."""

from __future__ import annotations

from collections.abc import Sequence

from iobound.model.comparison import Change, Presence, Unit, WaitChange, Where
from iobound.verbs.compare import noise
from iobound.verbs.compare.comparable import Comparable, Kind
from iobound.verbs.compare.facts import Run, WaitFacts, WaitKey
from iobound.verbs.compare.judging import Sample, appeared
from iobound.verbs.compare.moved import moved
from iobound.verbs.compare.totals import Sampled, look_s, quantity

JUDGED = 30
"""Targets that both sides have whose change is judged, most time first: each more makes all others harder to tell."""

APPEARS_LOOKS = 5
APPEARS_SHARE = 0.01
"""A wait of one side alone is told if, in most runs of that side, the run waited so for five looks and 1 % of it."""

_NOTHING = WaitFacts(0, 0.0, 0.0)
_LITTLE = f"of little time: the {JUDGED} waits of most time are judged"
_SHORT = "too short to be counted: a wait has to last for two looks"


def waits(base: Sequence[Run], head: Sequence[Run], may: Comparable) -> tuple[WaitChange, ...]:
    """All targets of both sides, most time first; a wait for nothing that has a name goes by its function."""
    again = moved(*({key for run in side for key in run.waits} for side in (base, head)))
    base = [run._replace(waits={again.get(key, key): wait for key, wait in run.waits.items()}) for run in base]
    keys = {key for run in (*base, *head) for key in run.waits}
    time = {key: max(run.waits.get(key, _NOTHING).thread_s for run in (*base, *head)) for key in keys}
    order = sorted(keys, key=lambda key: (-time[key], key))
    little = ("" if at < JUDGED else _LITTLE for at in range(len(order)))
    return tuple(_Compared(key, base, head, may, why).change() for key, why in zip(order, little, strict=True))


class _Compared:
    """One target on both sides."""

    def __init__(self, key: WaitKey, base: Sequence[Run], head: Sequence[Run], may: Comparable, little: str) -> None:
        self.key, self.base, self.head, self.may = key, base, head, may
        self.levels = may.levels
        in_base, in_head = (any(key in run.waits for run in side) for side in (base, head))
        self.only = None if in_base and in_head else head if in_head else base
        self.little = "" if self.only else little  # whether it is there at all is told without an interval
        self.seen = [(run, run.waits[key]) for run in (*base, *head) if key in run.waits]
        self.counts = all(
            wait.count > 0 and noise.length_in_looks(run, wait) >= noise.COUNTED_FROM for run, wait in self.seen
        )
        self.brief_share = min(_brief_share([self._of(run) for run in side]) for side in (base, head))

    def change(self) -> WaitChange:
        """The change of everything about it."""
        seconds = self.may.first(Kind.SHARES, Kind.WAIT_SECONDS) or self.little
        counts = self.may.first(Kind.COUNTS) or self.little or ("" if self.counts else _SHORT)
        each = seconds or counts or ("on one side only" if self.only else "")
        least = look_s(self.base, self.head)
        level, other = self.levels.regressions, self.levels.others
        return WaitChange(
            *self.key,
            presence=self._presence(is_compared=not seconds),
            count=self._quantity(Unit.COUNT, self._count, level, counts, 0.05),
            wall_s=self._quantity(Unit.SECONDS, self._wall, level, seconds, least),
            thread_s=self._quantity(Unit.SECONDS, self._thread, other, seconds, least),
            each_s=quantity(Unit.SECONDS, self.base, self.head, self._each, other, each, 1e-9),
            at=self._where(),
        )

    def _where(self) -> Where | None:
        return max((self._of(run) for run in self.only or self.head), key=lambda wait: wait.longest_s).at

    def _presence(self, *, is_compared: bool) -> Presence:
        if self.only is None:
            return Presence.KEPT
        if not is_compared or not self._is_plain():
            return Presence.UNSURE
        return Presence.NEW if self.only is self.head else Presence.GONE

    def _quantity(self, unit: Unit, of: Sampled, level: float, why: str, least: float) -> Change:
        if self.only is None or why:
            return quantity(unit, self.base, self.head, of, level, why, least)
        sides = [[of(run) for run in side] for side in (self.base, self.head)]
        return appeared(unit, sides[0], sides[1], 1.0 if unit is Unit.COUNT else least, self._is_plain())

    def _is_plain(self) -> bool:
        """Whether most runs of the only side that has it waited so for long enough.

        The run, not threads beside it: short-lived helpers are met by some looks in some runs, and cost nothing.
        """
        side = self.only or ()
        enough = sum(
            self._of(run).wall_s >= max(APPEARS_LOOKS * run.look_s, APPEARS_SHARE * run.wall_s) for run in side
        )
        return 2 * enough > len(side)

    def _of(self, run: Run) -> WaitFacts:
        return run.waits.get(self.key, _NOTHING)

    def _count(self, run: Run) -> Sample:
        return Sample(self._of(run).count, noise.counted(run, self._of(run), self.brief_share))

    def _wall(self, run: Run) -> Sample:
        wait = self._of(run)
        return Sample(wait.wall_s, noise.of_the_run(run, wait))

    def _thread(self, run: Run) -> Sample:
        return Sample(self._of(run).thread_s, noise.waited(run, self._of(run)))

    def _each(self, run: Run) -> Sample:
        wait = self._of(run)
        return Sample(wait.thread_s / wait.count if wait.count else None, noise.each(run, wait, self.brief_share))


def _brief_share(waits: Sequence[WaitFacts]) -> float:
    """Which part of them one look alone has seen."""
    return sum(wait.brief for wait in waits) / max(1, sum(wait.count for wait in waits))
