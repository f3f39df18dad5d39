"""Sections on what was measured: budget, waits, hotspots, phases, threads, event loops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple, TypeVar

from iobound.model.breakdown import EventLoop, Hotspot, LoopBlock, Phase, ThreadBudget, Wait
from iobound.model.diagnosis import Diagnosis
from iobound.model.state import MEANING, Budget, State, total_ns
from iobound.verbs.report import crowds, figures, harmless, paths, words
from iobound.verbs.report.blocks import Block, Cell, Column, Prose, Role, Section, Table

MOST_ROWS = 10

_STATES = 3  # of a thread or a phase

_LONGEST_NAME = 48
_LONGEST_TARGET = 80
_SMALL_CHANGE = 0.01
_QUEUES = (State.WAIT_GIL, State.WAIT_LOCK)
_NAMELESS = (State.WAIT_SLEEP, State.WAIT_GIL, State.WAIT_CPU)
_T = TypeVar("_T")


def budget(diagnosis: Diagnosis) -> Section:
    """A bar for each state that took time; `unknown` always."""
    breakdown = diagnosis.breakdown
    shares = breakdown.shares
    shown = [state for state in State if shares.get(state, 0.0) > 0 or state is State.UNKNOWN]
    shown.sort(key=lambda state: (state is State.UNKNOWN, -shares.get(state, 0.0)))
    rows = []
    for state in shown:
        share, interval = max(0.0, shares.get(state, 0.0)), breakdown.intervals.get(state)
        rows.append(
            (
                Cell(state.value, Role.LABEL),
                Cell("", words.role(state), bar=share, interval=interval),
                Cell(figures.share(share), Role.STRONG),
                Cell(figures.share_interval(interval)),
                Cell(figures.duration(round(share * breakdown.wall_ns))),
                Cell(MEANING[state].partition(":")[0], Role.FAINT),
            )
        )
    columns = (
        Column("state"),
        Column("", wide=24, rank=1),
        Column("share", right=True),
        Column("90 % interval", right=True, rank=2),
        Column("time", right=True),
        Column("meaning", rank=3, least=30),
    )
    of = "of calls" if diagnosis.about else "wall time"
    remark = f"shares of {figures.duration(breakdown.wall_ns)} {of}"
    return Section("Where the time went", (Table(columns, tuple(rows)),), remark)


def waits(diagnosis: Diagnosis) -> Section | None:
    """What it waited for, longest first: alike waits together, and of many short ones only how many there were."""
    found = told_waits(diagnosis)
    if not found:
        return None
    several = any(wait.thread_ns > wait.wall_ns + _SMALL_CHANGE * diagnosis.breakdown.wall_ns for wait in found)
    rows = tuple(_wait_row(wait, diagnosis) for wait in found[:MOST_ROWS])
    columns = (
        Column("wait"),
        Column("for", least=18),
        Column("share", right=True),
        Column("wall time", right=True, rank=3),
        Column("thread time", right=True, rank=2),
        Column("waits", right=True, rank=4),
        Column("at", least=22, rank=1, tail=True),
    )
    table = Table(columns, rows, _and_more(len(found)))
    return Section("What it waited for", (table if several else _without(table, 4),))


def told_waits(diagnosis: Diagnosis) -> list[Wait]:
    """What it waited for, longest first: alike waits together, and many short ones of a state as one."""
    return _without_small_change(joined(diagnosis.breakdown.waits), diagnosis.breakdown.wall_ns)


def joined(waits: Iterable[Wait]) -> list[Wait]:
    """Waits for the same at the same line as one, longest first; those that never kept the run waiting are left out.

    Queues stay: a thread that waits for the GIL or a lock hides behind the one that has it.
    """
    places: dict[tuple[object, ...], Wait] = {}
    for wait in waits:
        key = (wait.state, wait.target, wait.file, wait.line)
        before = places.get(key)
        places[key] = wait if before is None else _sum(before, wait)
    kept = (wait for wait in places.values() if wait.wall_ns > 0 or wait.state in _QUEUES)
    return sorted(kept, key=lambda wait: (-wait.wall_ns, -wait.thread_ns))


def _without_small_change(waits: Sequence[Wait], wall_ns: int) -> list[Wait]:
    """Several waits of one state with less than a hundredth of the run each, as one that says how many they are."""
    shown: list[Wait] = []
    small: dict[State, list[Wait]] = {}
    for wait in waits:
        is_large = max(wait.wall_ns, wait.thread_ns) >= _SMALL_CHANGE * wall_ns
        (shown if is_large else small.setdefault(wait.state, [])).append(wait)
    for group in small.values():
        whole = reduce(_sum, group)
        if len(group) > 1:
            whole = whole._replace(target=f"({len(group)} others)", file=None, line=None)
        if whole.wall_ns > 0:
            shown.append(whole)
    return shown


def _sum(one: Wait, other: Wait) -> Wait:
    return one._replace(
        wall_ns=one.wall_ns + other.wall_ns,
        thread_ns=one.thread_ns + other.thread_ns,
        count=one.count + other.count,
    )


def _wait_row(wait: Wait, diagnosis: Diagnosis) -> tuple[Cell, ...]:
    wall_ns = diagnosis.breakdown.wall_ns
    at = "" if wait.file is None else words.place(wait.file, wait.line or 0, diagnosis.recording.cwd)
    return (
        Cell(wait.state.value, words.role(wait.state)),
        _waited_for(wait, diagnosis.recording.cwd),
        Cell(_of(wait.wall_ns, wall_ns)),
        Cell(figures.duration(wait.wall_ns)),
        Cell(figures.duration(wait.thread_ns)),
        Cell(f"{wait.count:,}"),
        Cell(at, Role.FAINT),
    )


def _waited_for(wait: Wait, cwd: str) -> Cell:
    if not wait.target:  # a sleep and a turn at the GIL are for nothing that has a name
        return Cell("" if wait.state in _NAMELESS else "(not known)", Role.FAINT)
    target = paths.command(wait.target) if wait.state is State.WAIT_CHILD else paths.familiar(wait.target, cwd)
    return Cell(harmless.shortened(target, _LONGEST_TARGET), Role.STRONG, tail=wait.state is State.WAIT_DISK)


def hotspots(diagnosis: Diagnosis) -> Section | None:
    """Lines and calls of the user's own code that the wall time was spent in."""
    least_ns = max(1, diagnosis.breakdown.wall_ns // 1000)  # less is shown as <0.1 %, which helps nobody
    found = [hotspot for hotspot in at_one_line(diagnosis.breakdown.hotspots) if hotspot.wall_ns >= least_ns]
    if not found:
        return None
    rows = tuple(_hotspot_row(hotspot, diagnosis) for hotspot in found[:MOST_ROWS])
    columns = (
        Column("share", right=True),
        Column("time", right=True, rank=2),
        Column("line", least=24, tail=True),
        Column("function → call", least=20, tail=True),
        Column("mostly", rank=1),
    )
    return Section("Lines that took the time", (Table(columns, rows, _and_more(len(found))),))


def at_one_line(hotspots: Iterable[Hotspot]) -> list[Hotspot]:
    """Those that would look alike as one, largest first: a call that spans lines, or that stands on a line twice."""
    places: dict[tuple[object, ...], Hotspot] = {}
    for hotspot in hotspots:
        key = (hotspot.file, hotspot.line, hotspot.function, hotspot.call)
        before = places.get(key)
        places[key] = hotspot if before is None else _whole_of(before, hotspot)
    return sorted(places.values(), key=lambda hotspot: -hotspot.wall_ns)


def _whole_of(one: Hotspot, other: Hotspot) -> Hotspot:
    budget = {state: one.budget.get(state, 0) + other.budget.get(state, 0) for state in State}
    return one._replace(wall_ns=one.wall_ns + other.wall_ns, thread_ns=one.thread_ns + other.thread_ns, budget=budget)


def _hotspot_row(hotspot: Hotspot, diagnosis: Diagnosis) -> tuple[Cell, ...]:
    state = words.dominant(hotspot.budget)
    return (
        Cell(_of(hotspot.wall_ns, diagnosis.breakdown.wall_ns), Role.STRONG),
        Cell(figures.duration(hotspot.wall_ns)),
        Cell(words.place(hotspot.file, hotspot.line, diagnosis.recording.cwd)),
        Cell(_called(hotspot.function, hotspot.call)),
        Cell(state.value, words.role(state)),
    )


def _called(function: str, call: str) -> str:
    return " → ".join(harmless.shortened(name, _LONGEST_NAME) for name in (function, call) if name)


def phases(diagnosis: Diagnosis) -> Section | None:
    """Stretches of the run that differ, when there is more than one."""
    found = diagnosis.breakdown.phases
    if len(found) < 2:
        return None
    rows = tuple(_phase_row(number, phase, diagnosis) for number, phase in enumerate(found[:MOST_ROWS]))
    columns = (
        Column("from", right=True),
        Column("to", right=True),
        Column("bound by"),
        Column("phase", least=8, rank=1),
        Column("most of it"),
        Column("then", rank=2),
    )
    table = Table(columns, rows, _and_more(len(found)))
    return Section("How it went over time", (table if diagnosis.phase_bounds else _without(table, 2),))


def _phase_row(number: int, phase: Phase, diagnosis: Diagnosis) -> tuple[Cell, ...]:
    bounds = diagnosis.phase_bounds
    budget_ns = {state: round(share * 1_000_000_000) for state, share in phase.shares.items() if share > 0}
    return (
        Cell(figures.duration(phase.start_ns)),
        Cell(figures.duration(phase.end_ns)),
        Cell(words.BOUND[bounds[number]] if number < len(bounds) else "", Role.STRONG),
        Cell(phase.name, Role.FAINT),
        *(Cell(text, role) for text, role in [*words.largest(budget_ns, 2), ("", Role.BODY)][:2]),
    )


class _Crowd(NamedTuple):
    """Threads that are alike: of processes that run the same, with names that differ in numbers only."""

    processes: tuple[int, ...]
    name: str
    members: tuple[ThreadBudget, ...]

    @property
    def budget(self) -> Budget:
        return {state: sum(member.budget.get(state, 0) for member in self.members) for state in State}

    @property
    def engaged_ns(self) -> int:
        """Time that was not idle: what makes a row worth reading."""
        whole = self.budget
        return total_ns(whole) - whole.get(State.IDLE, 0)


def threads(diagnosis: Diagnosis) -> Section | None:
    """Threads of all processes, alike ones together, the busiest first; nothing when there is only one."""
    processes = diagnosis.breakdown.processes
    count = sum(len(process.threads) for process in processes)
    if len(processes) < 2 and count < 2:
        return None
    found = sorted(_crowds(diagnosis), key=lambda crowd: -crowd.engaged_ns)
    rows = tuple(_crowd_row(crowd, diagnosis) for crowd in found[:MOST_ROWS])
    columns = (
        Column("process", least=26, rank=1),
        Column("threads", least=24),
        Column("thread time", right=True, rank=3),
        *(Column(head, rank=rank) for head, rank in (("most of it", 0), ("then", 2), ("then", 4))),
    )
    remark = (
        f"{figures.tally(len(processes), 'process', 'processes')}, {figures.tally(count, 'thread')}; "
        "shares of each one's own life"
    )
    table = Table(columns, rows, _and_more(len(found)))
    return Section("Processes and threads", (table if len(processes) > 1 else _without(table, 0),), remark)


def _crowds(diagnosis: Diagnosis) -> Iterable[_Crowd]:
    groups: dict[crowds.Likeness, list[tuple[int, ThreadBudget]]] = {}
    for process in diagnosis.breakdown.processes:
        unseen = ThreadBudget("(not looked into)", 0, process.lifetime_ns, process.budget)
        for thread in process.threads or (unseen,):
            key = crowds.likeness(diagnosis.recording, process.process, thread.name)
            groups.setdefault(key, []).append((process.process, thread))
    for key, found in groups.items():
        processes = tuple(dict.fromkeys(process for process, _ in found))
        name = crowds.named(key, [thread.name for _, thread in found], len(processes))
        yield _Crowd(processes, name, tuple(thread for _, thread in found))


def _crowd_row(crowd: _Crowd, diagnosis: Diagnosis) -> tuple[Cell, ...]:
    record = diagnosis.recording.processes[crowd.processes[0]]
    who = str(record.pid) if len(crowd.processes) == 1 else f"{len(crowd.processes)} ×"
    kind = "" if record.python else " (not Python)"
    budget_ns = crowd.budget
    states = words.largest(budget_ns)
    states += [("", Role.BODY)] * (_STATES - len(states))
    return (
        Cell(f"{who} {harmless.shortened(paths.command(record.command), _LONGEST_NAME)}{kind}", Role.FAINT),
        Cell(harmless.shortened(crowd.name, _LONGEST_NAME), Role.LABEL),
        Cell(figures.duration(total_ns(budget_ns))),
        *(Cell(text, role) for text, role in states),
    )


def event_loops(diagnosis: Diagnosis) -> Section | None:
    """How long callbacks kept event loops from their selectors, and which lines did it."""
    loops = diagnosis.breakdown.event_loops
    if not loops:
        return None
    blocks: list[Block] = []
    blocked = [loop for loop in loops if loop.blocks]
    for loop in blocked[:MOST_ROWS]:
        blocks += [Prose(_loop_text(loop), _loop_name(loop, diagnosis)), _blocks_table(loop.blocks, diagnosis)]
    free = len(loops) - len(blocked)
    if free:
        several = figures.tally(free, "other loop" if blocked else "loop")
        which = several if len(loops) > 1 else _loop_name(loops[0], diagnosis)
        blocks.append(Prose("no callback was seen to hold it up" if free == 1 else _NONE_HELD_UP, which))
    return Section("Event loops", tuple(blocks))


def _loop_name(loop: EventLoop, diagnosis: Diagnosis) -> str:
    """Its thread, and its process where that is not the program's own: most are called MainThread."""
    pid = diagnosis.recording.processes[loop.process].pid
    return f"{loop.thread} of process {pid}" if loop.process else loop.thread


_NONE_HELD_UP = "no callback was seen to hold one of them up"


def _loop_text(loop: EventLoop) -> str:
    return (
        f"held up {figures.tally(len(loop.blocks), 'time')}, {figures.duration(loop.blocked_ns)} in all, "
        f"{figures.duration(loop.longest_ns)} at the longest; nothing else on it ran meanwhile"
    )


def _blocks_table(found: Sequence[LoopBlock], diagnosis: Diagnosis) -> Table:
    worst = blocks_by_place(found)
    rows = tuple(_block_row(blocks, diagnosis) for blocks in worst[:MOST_ROWS])
    columns = (
        Column("blocked", right=True),
        Column("longest", right=True, rank=2),
        Column("times", right=True, rank=3),
        Column("line", least=24, tail=True),
        Column("function → call", least=20, tail=True),
        Column("in state", rank=1),
    )
    return Table(columns, rows, _and_more(len(worst)))


def blocks_by_place(found: Iterable[LoopBlock]) -> list[list[LoopBlock]]:
    """The blocks of each line and call together, most time first."""
    places: dict[tuple[str, int, str, str], list[LoopBlock]] = {}
    for block in found:
        places.setdefault((block.file, block.line, block.function, block.call), []).append(block)
    return sorted(places.values(), key=lambda blocks: -sum(block.counted_ns for block in blocks))


def _block_row(blocks: Sequence[LoopBlock], diagnosis: Diagnosis) -> tuple[Cell, ...]:
    one, whole_ns = blocks[0], sum(block.counted_ns for block in blocks)
    return (
        Cell(figures.duration(whole_ns), Role.STRONG),
        Cell(figures.duration(min(whole_ns, max(block.duration_ns for block in blocks)))),
        Cell(f"{len(blocks):,}"),
        Cell(words.place(one.file, one.line, diagnosis.recording.cwd)),
        Cell(_called(one.function, one.call)),
        Cell(one.state.value, words.role(one.state)),
    )


def _without(table: Table, column: int) -> Table:
    def cut(fields: tuple[_T, ...]) -> tuple[_T, ...]:
        return fields[:column] + fields[column + 1 :]

    return Table(cut(table.columns), tuple(cut(row) for row in table.rows), table.more)


def _of(part_ns: int, whole_ns: int) -> str:
    return figures.share(part_ns / whole_ns if whole_ns > 0 else None)


def _and_more(count: int) -> str:
    return f"and {count - MOST_ROWS:,} more" if count > MOST_ROWS else ""
