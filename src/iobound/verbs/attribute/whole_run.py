"""The whole run: to which thread each instant belongs, by what all threads were seen doing at the same looks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from iobound.model.recording import NO_STACK, RUNNING, Recording
from iobound.model.state import ACTIVITY, COMPUTING, State
from iobound.verbs.attribute.division import Division
from iobound.verbs.attribute.looks import ThreadLooks

RANK = {state: rank for rank, state in enumerate(ACTIVITY)}
_WAIT_CPU = RANK[State.WAIT_CPU]
_WAIT_GIL = RANK[State.WAIT_GIL]
_WAITS_FOR_OTHERS = frozenset(RANK[state] for state in (State.WAIT_CHILD, State.WAIT_IPC, State.WAIT_LOCK))
_RESTS = frozenset(RANK[state] for state in (State.WAIT_SLEEP, State.IDLE, State.UNKNOWN))
_COMPUTES = frozenset(RANK[state] for state in COMPUTING)
_SLEEPS = RANK[State.WAIT_SLEEP]


class Part(NamedTuple):
    """A part of one instant: which thread it belongs to by which of its marks, and how much of the instant it is.

    `waiting` is the stack of the main process's thread that waits for it, `NO_STACK` when it waits for nobody.
    """

    rank: int
    thread: int
    row: int
    share: float
    waiting: int = NO_STACK


Claim = tuple[Part, ...]
"""How one instant is divided; shares add up to 1, or to 0 where nothing lived."""


class Stretch(NamedTuple):
    """Time between two looks with its claim."""

    start_ns: int
    end_ns: int
    claim: Claim


Cell = tuple[int, int, int]
"""Rank, stack and channel: what a thread did, and where."""


class Joint(NamedTuple):
    """What all threads were seen doing together: for the whole run, and for each process alone."""

    whole: list[Stretch]
    processes: list[dict[tuple[int, int], float]]  # nanoseconds won, by thread and rank
    looked: list[dict[Cell, float]]  # nanoseconds as looked at, for each thread


class _Scene:
    """Claims of several threads or processes, the most active of which can be asked for."""

    def __init__(self, first: frozenset[int] = frozenset()) -> None:
        self._first = first  # units that go before others that are as active
        self._by_rank: list[dict[int, Claim]] = [{} for _ in ACTIVITY]
        self._ranks: dict[int, set[int]] = {}

    def put(self, unit: int, claim: Claim) -> None:
        """Replace the claim of a thread or process; an empty one removes it."""
        for rank in self._ranks.pop(unit, ()):
            del self._by_rank[rank][unit]
        if claim:
            ranks = self._ranks[unit] = {part.rank for part in claim}
            for rank in ranks:
                self._by_rank[rank][unit] = tuple(part for part in claim if part.rank == rank)

    def most_active(self) -> Claim:
        """Fill one instant with the most active first.

        Threads that share too few CPUs are on one by turns: half of one and half of another make a whole.
        """
        taken: list[Part] = []
        room = 1.0
        for rank, units in enumerate(self._by_rank):
            if not units:
                continue
            if rank != _WAIT_CPU and rank not in _COMPUTES:
                parts = units[next((unit for unit in units if unit in self._first), next(iter(units)))]
                return (*taken, *(_scaled(part, room) for part in _whole(parts))) if taken else _whole(parts)
            parts = tuple(part for claim in units.values() for part in claim)
            wanted = sum(part.share for part in parts)
            factor = min(1.0, room / wanted) if wanted else 0.0
            taken.extend(_scaled(part, factor) for part in parts)
            room -= wanted * factor
            if room <= 1e-9:
                break
        return tuple(taken) if room <= 1e-9 else _whole(tuple(taken))


def _scaled(part: Part, factor: float) -> Part:
    return part if factor == 1.0 else part._replace(share=part.share * factor)


def _whole(parts: Claim) -> Claim:
    total = sum(part.share for part in parts)
    return parts if not total or abs(total - 1.0) < 1e-9 else tuple(_scaled(part, 1 / total) for part in parts)


Change = tuple[int, int, int]
"""Time, thread, and the mark that begins there, or -1 when the thread ends."""


def _changes(number: int, looks: ThreadLooks) -> list[Change]:
    """When what is known of a thread changes: half way between the last look at one mark and the first at the next."""
    record, marks = looks.record, looks.marks
    changes: list[Change] = []
    before = record.start_ns
    for row, time in enumerate(marks.time):
        at = record.start_ns if row == 0 else (marks.still[row - 1] + time) // 2
        before = min(max(before, at), record.end_ns)
        changes.append((before, number, row))
    changes.append((record.end_ns, number, -1))
    return changes


def join(
    recording: Recording,
    threads: list[ThreadLooks],
    divisions: list[Division],
    workers: frozenset[int] = frozenset(),
) -> Joint:
    """Sweep over all looks of all threads in order of time.

    Args:
        recording: What was observed.
        threads: The looks at each thread.
        divisions: Their exact time.
        workers: Processes of pools, which a program waits for rather than for a server that it has started, too.
    """
    all_changes: list[Change] = []
    for number, looks in enumerate(threads):
        if len(looks.marks):
            all_changes.extend(_changes(number, looks))
    all_changes.sort(key=lambda change: change[0])  # stable: a thread's end comes after its last mark
    sweep = _Sweep(recording, threads, divisions, workers)
    for at, number, row in all_changes:
        sweep.change(min(max(at, recording.start_ns), recording.end_ns), number, row)
    return sweep.finish()


class _Sweep:
    def __init__(
        self, recording: Recording, threads: list[ThreadLooks], divisions: list[Division], workers: frozenset[int]
    ) -> None:
        self._recording = recording
        self._threads = threads
        self._on_cpu = [division.on_cpu for division in divisions]
        count = len(recording.processes)
        self._scenes = [_Scene() for _ in range(count)]
        self._own, self._bystanders = _block(recording, threads)
        self._beside = _Scene()
        self._claims: list[Claim] = [()] * count
        self._since = [recording.start_ns] * count
        self._won: list[dict[tuple[int, int], float]] = [{} for _ in range(count)]
        self._looked: list[dict[Cell, float]] = [{} for _ in threads]
        self._current: dict[int, tuple[int, Claim]] = {}
        self._workers = workers
        self._others = _Scene(workers)
        self._touched: set[int] = set()
        self._now = recording.start_ns
        self._started: int | None = None
        self._whole: list[Stretch] = []
        self._answer: Claim = ()

    def change(self, at: int, number: int, row: int) -> None:
        """A thread goes on to its next mark, or ends."""
        if at > self._now:
            self._settle()
            self._now = at
        process = self._threads[number].process
        claim = self._claim_of(number, row)
        self._book_thread(number, claim)
        scene = self._beside if number in self._bystanders else self._scenes[process]
        scene.put(number, claim)
        self._touched.add(process)

    def _claim_of(self, number: int, row: int) -> Claim:
        if row < 0:
            return ()
        looks = self._threads[number]
        rank = RANK[looks.states[row]]
        share = self._on_cpu[number][row] if looks.marks.channel[row] == RUNNING else 1.0
        if share >= 1.0:
            return (Part(rank, number, row, 1.0),)
        queued = _WAIT_GIL if looks.outrun[row] else _WAIT_CPU
        if share <= 0.0:
            return (Part(queued, number, row, 1.0),)
        return Part(rank, number, row, share), Part(queued, number, row, 1.0 - share)

    def _book_thread(self, number: int, claim: Claim) -> None:
        since, before = self._current.get(number, (self._now, ()))
        looks, looked = self._threads[number], self._looked[number]
        for part in before:
            cell = part.rank, looks.stacks[part.row], looks.marks.channel[part.row]
            looked[cell] = looked.get(cell, 0.0) + (self._now - since) * part.share
        self._current[number] = (self._now, claim)

    def _settle(self) -> None:
        """Decide for the time from the last change until now, which has no more changes to come."""
        for process in self._touched:
            claim = self._scenes[process].most_active()
            if process == 0 and self._bystanders:
                claim = self._with_bystanders(claim)
            self._book_process(process, claim)
            if process:
                self._others.put(process, claim)
        if self._touched or self._started is None:
            self._touched.clear()
            answer = self._decide()
            if answer != self._answer or self._started is None:
                self._emit()
                self._answer = answer

    def _with_bystanders(self, block: Claim) -> Claim:
        """What the block and the threads that it started do, or those that were there before and that it waits for."""
        others = self._beside.most_active()
        own = self._current.get(self._own, (0, ()))[1]
        if not others or not own or (block and block[0].rank <= others[0].rank):
            return block
        rank = own[0].rank
        waits_for_them = rank in _WAITS_FOR_OTHERS or (rank in _RESTS and others[0].rank in _COMPUTES)
        return others if waits_for_them else block

    def _book_process(self, process: int, claim: Claim) -> None:
        _add(self._won[process], self._claims[process], self._now - self._since[process])
        self._claims[process], self._since[process] = claim, self._now

    def _emit(self) -> None:
        started = self._recording.start_ns if self._started is None else self._started
        if self._started is not None and self._now > started:
            self._whole.append(Stretch(started, self._now, self._answer))
        self._started = started if self._started is None else self._now

    def _decide(self) -> Claim:
        """The rule of the whole run: what the main process does, or those that it waits for."""
        mine = self._claims[0] if self._claims else ()
        if not mine:
            return self._others.most_active()
        first = mine[0].rank
        if first not in _WAITS_FOR_OTHERS and first not in _RESTS:
            return mine
        others = self._others.most_active()
        if not others or not self._goes_before(others[0], first):
            return mine
        return self._waited_for(others, mine[0]) if first in _WAITS_FOR_OTHERS else others

    def _waited_for(self, others: Claim, mine: Part) -> Claim:
        """What programs that were started do belongs to the call that waits for them, too; not what workers do."""
        stack = self._threads[mine.thread].stacks[mine.row]
        return tuple(
            part if self._threads[part.thread].process in self._workers else part._replace(waiting=stack)
            for part in others
        )

    def _goes_before(self, other: Part, mine: int) -> bool:
        if mine in _RESTS:
            return other.rank in _COMPUTES
        if other.rank < mine:
            return True
        # A worker of ours that sleeps is what we wait for; a foreign program that sleeps is a child that takes long.
        return other.rank == _SLEEPS and self._threads[other.thread].python

    def finish(self) -> Joint:
        """Settle what is left."""
        end = self._recording.end_ns
        self._settle()
        self._now = max(self._now, end)
        for process in range(len(self._scenes)):
            self._book_process(process, ())
        self._emit()
        return Joint(self._whole, self._won, self._looked)


def _block(recording: Recording, threads: list[ThreadLooks]) -> tuple[int, frozenset[int]]:
    """The thread whose block was observed, and those of its process that were there before; no thread for a whole run.

    Assumes:
        The number of the block's own thread was not given to another one while it ran.
    """
    main = [(number, looks.record) for number, looks in enumerate(threads) if looks.process == 0]
    own = [number for number, record in main if record.native_id == recording.own_thread]
    if not recording.own_thread or not own:
        return -1, frozenset()
    before = {number for number, record in main if record.start_ns <= recording.start_ns}
    return own[0], frozenset(before - {own[0]})


def _add(budget: dict[tuple[int, int], float], claim: Iterable[Part], duration: int) -> None:
    if duration:
        for part in claim:
            key = part.thread, part.rank
            budget[key] = budget.get(key, 0.0) + duration * part.share
