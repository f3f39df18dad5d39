"""The whole run: to which thread each instant belongs, by what all threads were seen doing at the same looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain, islice, pairwise, repeat
from operator import itemgetter
from typing import NamedTuple

from iobound.model.recording import NO_STACK, Recording
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
        self._claims: dict[int, Claim] = {}

    def put(self, unit: int, claim: Claim) -> None:
        """Replace the claim of a thread or process; an empty one removes it."""
        for part in self._claims.pop(unit, ()):
            self._by_rank[part.rank].pop(unit, None)
        if not claim:
            return
        self._claims[unit] = claim
        if len(claim) == 1:
            self._by_rank[claim[0].rank][unit] = claim
            return
        for rank in {part.rank for part in claim}:
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
    return part if factor == 1.0 else Part(part.rank, part.thread, part.row, part.share * factor, part.waiting)


def _whole(parts: Claim) -> Claim:
    total = sum(part.share for part in parts)
    return parts if not total or abs(total - 1.0) < 1e-9 else tuple(_scaled(part, 1 / total) for part in parts)


Change = tuple[int, int, int]
"""Time, thread, and the mark that begins there, or -1 when the thread ends."""


def _changes(number: int, looks: ThreadLooks, recording: Recording) -> list[Change]:
    """When what is known of a thread changes: half way between the last look at one mark and the first at the next."""
    record, marks = looks.record, looks.marks
    between = [
        record.start_ns,
        *((still + time) // 2 for still, time in zip(marks.still, marks.time[1:], strict=False)),
    ]
    in_order = accumulate(chain((record.start_ns,), map(min, between, repeat(record.end_ns))), max)
    in_run = map(min, map(max, islice(in_order, 1, None), repeat(recording.start_ns)), repeat(recording.end_ns))
    changes = list(zip(in_run, repeat(number), range(len(marks)), strict=False))
    changes.append((min(max(record.end_ns, recording.start_ns), recording.end_ns), number, -1))
    return changes


def _looked(looks: ThreadLooks, on_cpu: list[float], changes: list[Change]) -> dict[Cell, float]:
    """Nanoseconds as looked at, by what a thread did and where."""
    looked: dict[Cell, float] = {}
    lengths = (until - at for (at, _, _), (until, _, _) in pairwise(changes))
    rows = zip(looks.states, looks.stacks, looks.marks.channel, on_cpu, looks.outrun, lengths, strict=True)
    for state, stack, channel, share, outrun, length in rows:
        for rank, part in _parts(RANK[state], share, outrun) if share < 1.0 else ((RANK[state], 1.0),):
            cell = rank, stack, channel
            looked[cell] = looked.get(cell, 0.0) + length * part
    return looked


def _parts(rank: int, share: float, outrun: bool) -> tuple[tuple[int, float], ...]:
    """Of a mark, the part of whose time that was on a CPU is `share`: ranks and how much of the mark each is."""
    if share >= 1.0:
        return ((rank, 1.0),)
    queued = _WAIT_GIL if outrun else _WAIT_CPU
    return ((queued, 1.0),) if share <= 0.0 else ((rank, share), (queued, 1.0 - share))


def join(
    recording: Recording,
    threads: Sequence[ThreadLooks],
    divisions: Sequence[Division],
    workers: frozenset[int] = frozenset(),
) -> Joint:
    """Sweep over all looks of all threads in order of time.

    Args:
        recording: What was observed.
        threads: The looks at each thread.
        divisions: Their exact time.
        workers: Processes of pools, which a program waits for rather than for a server that it has started, too.
    """
    by_thread = [_changes(number, looks, recording) if len(looks.marks) else [] for number, looks in enumerate(threads)]
    looked = [
        _looked(looks, division.on_cpu, changes)
        for looks, division, changes in zip(threads, divisions, by_thread, strict=True)
    ]
    all_changes = list(chain.from_iterable(by_thread))
    all_changes.sort(key=itemgetter(0))  # stable: a thread's end comes after its last mark
    sweep = _Sweep(recording, threads, divisions, workers)
    for at, number, row in all_changes:
        sweep.change(at, number, row)
    return Joint(*sweep.finish(), looked)


class _Sweep:
    def __init__(
        self,
        recording: Recording,
        threads: Sequence[ThreadLooks],
        divisions: Sequence[Division],
        workers: frozenset[int],
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
        self._owns: Claim = ()  # of the block's own thread
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
        if number == self._own:
            self._owns = claim
        scene = self._beside if number in self._bystanders else self._scenes[process]
        scene.put(number, claim)
        self._touched.add(process)

    def _claim_of(self, number: int, row: int) -> Claim:
        if row < 0:
            return ()
        looks = self._threads[number]
        share = self._on_cpu[number][row]
        rank = RANK[looks.states[row]]
        if share >= 1.0:
            return (Part(rank, number, row, 1.0),)
        return tuple(Part(one, number, row, part) for one, part in _parts(rank, share, looks.outrun[row]))

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
        if not others or not self._owns or (block and block[0].rank <= others[0].rank):
            return block
        rank = self._owns[0].rank
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

    def finish(self) -> tuple[list[Stretch], list[dict[tuple[int, int], float]]]:
        """Settle what is left: the whole run, and what each process's threads won."""
        end = self._recording.end_ns
        self._settle()
        self._now = max(self._now, end)
        for process in range(len(self._scenes)):
            self._book_process(process, ())
        self._emit()
        return self._whole, self._won


def _block(recording: Recording, threads: Sequence[ThreadLooks]) -> tuple[int, frozenset[int]]:
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
