"""Event loops: how long callbacks kept a loop's thread from its selector."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from itertools import takewhile

from iobound.model.breakdown import EventLoop, LoopBlock
from iobound.model.calls import FunctionCalls
from iobound.model.recording import Recording
from iobound.model.state import WANTS_CPU, State
from iobound.model.timeline import Episode, Instant, Timeline
from iobound.verbs.attribute.frames import IMPORTING, StackTable
from iobound.verbs.attribute.looks import ThreadLooks

LONG_NS = 100_000_000
SHORT_NS = 10_000_000
_RECURS = 5
_LEAST_LOOKS = 2
"""A callback that one look saw may have lasted no time at all."""
_SLIVER_NS = 1_000_000
"""Shorter interruptions of a callback are the uncertainty of where time between two looks belongs."""

_TURN = ("asyncio/base_events.py", "BaseEventLoop._run_once")
_CALLBACK = ("asyncio/events.py", "Handle._run")
_CELL = ("IPython/core/interactiveshell.py", "InteractiveShell.run_code")
"""Runs what was typed in, in a notebook within the loop of its kernel: that one waits for the user and nobody else."""

_INSTALLED = re.compile(r"[/\\](?:site|dist)-packages[/\\]")

_OUTSIDE, _TURNING, _SELECTING = -1, -2, -3


def event_loops(
    recording: Recording, timeline: Timeline, looks: Sequence[ThreadLooks], table: StackTable
) -> tuple[EventLoop, ...]:
    """Every thread that was seen in an asyncio event loop."""
    found = []
    doing = [_doing(stack, table) for stack in range(len(table.place))]
    importing = _importing(table)
    selecting = _of_the_run(timeline, lambda instant: doing[instant.stack] == _SELECTING)
    waiting = _of_the_run(
        timeline,
        lambda instant: doing[instant.stack] >= 0 and instant.state not in WANTS_CPU and not importing[instant.stack],
    )
    for number, thread in enumerate(timeline.threads):
        if any(doing[stack] != _OUTSIDE for _, stack, _ in thread.episodes.doing):
            spells = _spells(thread.episodes, doing)
            blocks = _blocks(spells, recording.start_ns, table, importing)
            found.append(_event_loop(looks[number], blocks, selecting.get(number, 0), waiting.get(number, 0)))
    return tuple(found)


def blocks_by_thread(
    recording: Recording, timeline: Timeline, table: StackTable
) -> dict[int, tuple[tuple[LoopBlock, ...], Sequence[Episode]]]:
    """By the number of each thread that was seen in an event loop: its blocks, and the episodes that saw the loop."""
    doing = [_doing(stack, table) for stack in range(len(table.place))]
    importing = _importing(table)
    found: dict[int, tuple[tuple[LoopBlock, ...], Sequence[Episode]]] = {}
    for number, thread in enumerate(timeline.threads):
        if any(doing[stack] != _OUTSIDE for _, stack, _ in thread.episodes.doing):
            looped = [episode for episode in thread.episodes if doing[episode.stack] != _OUTSIDE]
            blocks = _blocks(_spells(thread.episodes, doing), recording.start_ns, table, importing)
            found[number] = blocks, looped
    return found


def _of_the_run(timeline: Timeline, belongs: Callable[[Instant], bool]) -> dict[int, int]:
    """Nanoseconds of the whole run, by thread: a loop beside the program waits on its own account."""
    spent: dict[int, int] = {}
    for instant in timeline.whole:
        if belongs(instant):
            spent[instant.thread] = spent.get(instant.thread, 0) + instant.duration_ns
    return spent


def _importing(table: StackTable) -> list[bool]:
    """By stack: whether it loads modules."""
    known = [False] * len(table.place)
    for stack in range(1, len(known)):
        place = table.place[stack]
        known[stack] = known[table.caller[stack]] or (place >= 0 and table.frames[place] in IMPORTING)
    return known


def _doing(stack: int, table: StackTable) -> int:
    """The function that the loop called back, or that it is selecting, between callbacks, or no event loop at all."""
    inner = -1
    selecting = False
    for place in table.inward_out(stack):
        frame = table.frames[place]
        if frame == _CALLBACK:
            return table.function_of[inner] if inner >= 0 else _TURNING
        if frame == _CELL:
            return _OUTSIDE
        if frame == _TURN:
            return _SELECTING if selecting else _TURNING
        selecting = selecting or frame[0] == "selectors.py"
        inner = place
    return _OUTSIDE


class _Spell:
    """Time in one callback without a look that found the loop elsewhere."""

    def __init__(self, callback: int, episode: Episode) -> None:
        self.callback = callback
        self.start_ns = episode.start_ns
        self.seen = 0
        self._times: dict[tuple[State, int], int] = {}
        self.add(episode)

    def add(self, episode: Episode) -> None:
        """One more part of it."""
        self.end_ns = episode.end_ns
        self.seen += episode.seen
        what = episode.state, episode.stack
        self._times[what] = self._times.get(what, 0) + episode.duration_ns

    @property
    def mostly(self) -> tuple[State, int]:
        """State and stack of most of it: how long others had the CPU meanwhile says nothing of the program."""
        return max(self._times, key=lambda what: (what[0] is not State.WAIT_CPU, self._times[what]))


def _event_loop(looks: ThreadLooks, blocks: tuple[LoopBlock, ...], selecting_ns: int, waiting_ns: int) -> EventLoop:
    name, process = looks.record.name, looks.process
    return EventLoop(name, 0, 0, (), selecting_ns, waiting_ns, process).with_blocks(blocks)


def _blocks(spells: Sequence[_Spell], start: int, table: StackTable, importing: list[bool]) -> tuple[LoopBlock, ...]:
    """Spells that are long, or recur."""
    blocks = [
        _block(spell, start, table, importing)
        for spell in spells
        if _lasted(spell) >= SHORT_NS and spell.seen >= _LEAST_LOOKS
    ]
    often = _recurring(blocks)
    return tuple(block for block in blocks if block.duration_ns >= LONG_NS or block.place in often)


def _lasted(spell: _Spell) -> int:
    return spell.end_ns - spell.start_ns


def _spells(episodes: Sequence[Episode], doing: list[int]) -> list[_Spell]:
    """Successive episodes in the same callback.

    Assumes:
        A loop that calls the same function back again and again is seen between the calls now and then.
    """
    spells: list[_Spell] = []
    seen_elsewhere = False
    for episode in episodes:
        callback = doing[episode.stack]
        if callback < 0:
            seen_elsewhere = seen_elsewhere or episode.seen > 0
            continue
        last = spells[-1] if spells else None
        unbroken = not seen_elsewhere or (last and episode.start_ns - last.end_ns <= _SLIVER_NS)
        seen_elsewhere = False
        if last and last.callback == callback and unbroken:
            last.add(episode)
        else:
            spells.append(_Spell(callback, episode))
    return spells


def _recurring(blocks: Sequence[LoopBlock]) -> set[tuple[str, int]]:
    counts: dict[tuple[str, int], int] = {}
    for block in blocks:
        counts[block.place] = counts.get(block.place, 0) + 1
    return {where for where, count in counts.items() if count >= _RECURS}


def _block(spell: _Spell, start: int, table: StackTable, importing: list[bool]) -> LoopBlock:
    state, stack = spell.mostly
    number = _place(stack, table)
    place, fact = table.places[number], table.facts.calls.get(number)
    return LoopBlock(
        start_ns=spell.start_ns - start,
        duration_ns=_lasted(spell),
        state=state,
        file=place.file,
        line=table.line(number),
        function=place.function,
        call=fact.name if fact else "",
        importing=importing[stack],
        stack=stack,
    )


def _place(stack: int, table: StackTable) -> int:
    """Innermost place of the user's own code in the callback: what started the loop holds nothing up.

    Where there is none it is the innermost of an installed library, else of any that has a file.
    """
    inside = list(takewhile(lambda place: table.frames[place] != _CALLBACK, table.inward_out(stack)))
    files = [place for place in inside if not table.places[place].file.startswith("<")]
    installed = [place for place in files if _INSTALLED.search(table.places[place].file)]
    users = [place for place in inside if table.is_users(place)]
    return next(iter([*users, *installed, *files]), table.users_place(stack))


def of_function(loop: EventLoop, calls: FunctionCalls, start_ns: int, stacks: Container[int]) -> EventLoop:
    """What an event loop did while calls of a function were under way.

    Args:
        loop: What it did in the whole run; the function ran on it.
        calls: When they were.
        start_ns: When the recording began.
        stacks: Those with the function in them.

    Assumes:
        Blocks between the first call and the last that are not the function's own come at any time: as large a part of
        them falls into calls as calls are under way.
    """
    begin, end = calls.first_ns - start_ns, calls.last_ns - start_ns
    blocks = [block for each in loop.blocks if (block := _clipped(each, begin, end)).duration_ns >= SHORT_NS]
    under_way = min(1.0, calls.busy_ns / max(1, end - begin))
    blocks = [block._replace(part=1.0 if block.stack in stacks else under_way) for block in blocks]
    room = min(1.0, calls.busy_ns / max(1, sum(block.counted_ns for block in blocks)))  # looks measure, calls are timed
    found = loop.with_blocks([block._replace(part=room * block.part) for block in blocks])
    return found._replace(
        selecting_ns=min(calls.busy_ns, loop.selecting_ns), waiting_ns=min(calls.busy_ns, loop.waiting_ns)
    )


def _clipped(block: LoopBlock, begin: int, end: int) -> LoopBlock:
    first, last = max(begin, block.start_ns), min(end, block.start_ns + block.duration_ns)
    return block._replace(start_ns=first, duration_ns=max(0, last - first))
