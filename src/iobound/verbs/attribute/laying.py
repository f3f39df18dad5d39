"""Pieces of a thread's time, laid end to end with the labels of marks: its episodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from iobound.model.recording import NO_STACK, RUNNING
from iobound.model.state import State
from iobound.model.timeline import Doing, Episodes
from iobound.verbs.attribute.looks import ThreadLooks

NOBODY = -1
"""Label of time that no mark of its kind was seen for: the last one of all labels."""


class Gaps(NamedTuple):
    """Time between the marks of a thread, by counters. Row r ends at mark r; the last row ends with the thread."""

    cpu: list[int]
    queued: list[int]
    blocked: list[int]


class Widths(NamedTuple):
    """How the time of each kind is divided: pairs of a mark and nanoseconds, in order."""

    cpu: list[tuple[int, int]]
    queued: list[tuple[int, int]]
    blocked: list[tuple[int, int]]


def laid(
    looks: ThreadLooks, running: Sequence[bool], gaps: Gaps, widths: Widths, stolen: Sequence[int], holds: Sequence[int]
) -> Episodes:
    """Lay out a thread's life, the pieces of each gap in the order that the marks at its ends suggest.

    Args:
        looks: Marks with their states and stacks.
        running: By mark: whether it shows the thread running.
        gaps: The time between the marks.
        widths: What that time is labelled with.
        stolen: By gap: time that the machine took.
        holds: By mark: for how long later looks found the thread in it.
    """
    labels, queued_labels, computed = _labels(looks)
    cpu_lane, blocked_lane = _Lane(widths.cpu, [*labels, computed]), _Lane(widths.blocked, [*labels, _UNSEEN])
    queued_lane = _Lane(widths.queued, queued_labels)
    stolen_lane = _Lane([(row - 1, length) for row, length in enumerate(stolen) if length], queued_labels)
    writer = _Writer(looks, labels)
    lay = writer.lay
    starts_running = False
    for row, (cpu, queued, wait, taken) in enumerate(zip(*gaps, stolen, strict=True)):
        ends_running = row < len(running) and running[row]
        before = cpu // 2 if starts_running and ends_running else cpu if starts_running else 0
        wait_before = 0 if starts_running else wait if ends_running else wait // 2
        if wait_before:
            lay(blocked_lane, wait_before)
        if before:
            lay(cpu_lane, before)
        if starts_running and wait:
            lay(blocked_lane, wait)
        if queued:
            lay(queued_lane, queued)
        if taken:
            lay(stolen_lane, taken)
        if cpu > before:
            lay(cpu_lane, cpu - before)
        if not starts_running and wait > wait_before:
            lay(blocked_lane, wait - wait_before)
        if row < len(running):
            writer.look(row, holds[row])
        starts_running = ends_running
    return writer.finish()


_UNSEEN: Doing = (State.UNKNOWN, NO_STACK, RUNNING)


def _labels(looks: ThreadLooks) -> tuple[list[Doing], list[Doing], Doing]:
    """What each mark labels time with, time in the run queue, and computing that no mark was seen for.

    What is alike is one object. That computing was never between two looks: too short to be seen, at a wait whose
    stack is the best guess.
    """
    one: dict[Doing, Doing] = {_UNSEEN: _UNSEEN}

    def the(label: Doing) -> Doing:
        return one.setdefault(label, label)

    shown = list(zip(looks.states, looks.outrun, looks.stacks, looks.marks.channel, strict=True))
    label_of, queued_of = {}, {}
    for sight in dict.fromkeys(shown):
        state, outrun, stack, channel = sight
        label_of[sight] = the((state, stack, channel))
        queued_of[sight] = the((State.WAIT_GIL if outrun else State.WAIT_CPU, stack, channel))
    nobody = the((State.WAIT_CPU, looks.stacks[0], RUNNING))
    computed = the((State.CPU_PYTHON if looks.python else State.CPU_NATIVE, looks.stacks[0], RUNNING))
    return [label_of[sight] for sight in shown], [*(queued_of[sight] for sight in shown), nobody], computed


class _Lane:
    """Marks laid end to end, each with its label; `left` is what has not been used of the present one."""

    __slots__ = ("_labels", "_widths", "label", "left", "row")

    def __init__(self, widths: list[tuple[int, int]], labels: list[Doing]) -> None:
        self._widths, self._labels = iter(widths), labels
        self.row, self.left, self.label = NOBODY, 0, _UNSEEN

    def go_on(self) -> None:
        """To the next mark that stands for any time."""
        while not self.left:
            self.row, self.left = next(self._widths)
        self.label = self._labels[self.row]


class _Writer:
    """Puts pieces end to end and makes episodes of those that are alike: labels that are alike are one object."""

    def __init__(self, looks: ThreadLooks, labels: list[Doing]) -> None:
        self._labels = labels
        self._looks = looks.marks.looks
        self._pending: dict[int, int] = {}  # looks by mark, until time with its label comes
        self._begin = self._start = self._end = looks.record.start_ns
        self._now = _UNSEEN
        self._seen = 0
        self._told: list[Doing] = []  # by episode that is over, as are its end and the looks that saw it
        self._ends: list[int] = []
        self._seens: list[int] = []

    def lay(self, lane: _Lane, length: int) -> None:
        """Add time of a kind, with the labels of the marks that come next in its lane."""
        while length:
            if not lane.left:
                lane.go_on()
            part = lane.left if lane.left < length else length
            lane.left -= part
            length -= part
            if lane.label is not self._now:
                self._turn_to(lane.label)
            self._end += part
            if lane.row in self._pending:
                self._seen += self._pending.pop(lane.row)

    def look(self, row: int, hold: int) -> None:
        """Mark `row` was made now, and later looks found the thread in it for `hold` nanoseconds."""
        label = self._labels[row]
        if hold:
            if label is not self._now:
                self._turn_to(label)
            self._end += hold
        if label is self._now or label[1:] == self._now[1:]:
            self._seen += self._looks[row]
        else:
            self._pending[row] = self._looks[row]

    def _turn_to(self, label: Doing) -> None:
        """End the present episode, if it has any time."""
        if self._end > self._start:
            self._told.append(self._now)
            self._ends.append(self._end)
            self._seens.append(self._seen)
            self._start, self._seen = self._end, 0
        self._now = label

    def finish(self) -> Episodes:
        """All episodes."""
        self._turn_to(_UNSEEN)
        return Episodes.end_to_end(self._begin, self._ends, self._told, self._seens)
