"""What given stretches of given threads went to: the same episodes as of a whole run, cut to size.

The thread's own clock says exactly how much of a stretch was on a CPU; looks divide that, and the rest.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from iobound.model.breakdown import LoopBlock
from iobound.model.recording import NO_STACK, RUNNING, Recording
from iobound.model.state import ACTIVITY, COMPUTING, State
from iobound.model.stretch import Stretch, StretchBudget, StretchWait
from iobound.model.timeline import Episode, Timeline
from iobound.verbs.attribute.event_loops import SHORT_NS, blocks_by_thread
from iobound.verbs.attribute.frames import StackTable
from iobound.verbs.attribute.plugins_own import PluginsOwn
from iobound.verbs.attribute.separate_waits import is_wait
from iobound.verbs.attribute.services import target_of

_FOR_OTHERS = frozenset({State.WAIT_CHILD, State.WAIT_IPC, State.WAIT_LOCK})
_SAYS_NOTHING = frozenset({State.IDLE, State.UNKNOWN})
_RANK = {state: rank for rank, state in enumerate(ACTIVITY)}

_WORTH_ASKING_NS = 5_000_000
"""A shorter wait for somebody else is over before it was seen what that one did."""

_HARDLY = 0.5
"""The most active of several is told, unless it was so for less than this part of the longest."""

_LEAST_PART = 0.25
"""Part of the wait that somebody must have been active for to be its cause."""

_FOUND_LATE_NS = 120_000_000
"""New threads are found by a search that takes its turns: when one began and ended is known to within so much."""

_MOST_WAITS = 8


class _Part(NamedTuple):
    """The part of an episode that lies in a stretch."""

    episode: Episode
    duration_ns: int


class _Lanes:
    """Every thread's episodes, to be found by time."""

    def __init__(self, recording: Recording, timeline: Timeline) -> None:
        self.episodes = [thread.episodes for thread in timeline.threads]
        self.pid: list[int] = []
        self.name: list[str] = []
        self._numbers: dict[tuple[int, int], list[int]] = {}
        for number, thread in enumerate(timeline.threads):
            process = recording.processes[thread.process]
            record = process.threads[thread.thread]
            self.pid.append(process.pid)
            self.name.append(f"thread {record.name}" if process.python else f"process {process.command}")
            self._numbers.setdefault((process.pid, record.native_id), []).append(number)
        self._parents = {process.pid: process.parent for process in recording.processes}
        self._commands = {process.pid: process.command for process in recording.processes}
        self._kin: dict[int, tuple[int, ...]] = {}

    def of(self, stretch: Stretch) -> list[int]:
        """Threads that bore this number in this process then."""
        return self._numbers.get((stretch.pid, stretch.native_id), [])

    def around(self, number: int, stretch: Stretch) -> Episode | None:
        """The episode that a stretch lies in with all its length."""
        episodes = self.episodes[number]
        row = bisect_right(episodes.start_ns, stretch.start_ns) - 1
        if row < 0 or stretch.start_ns >= stretch.end_ns:
            return None
        episode = episodes[row]
        return episode if stretch.end_ns <= episode.end_ns else None

    def cut(self, number: int, start_ns: int, end_ns: int) -> Iterator[_Part]:
        """Parts of a thread's episodes between two instants."""
        episodes = self.episodes[number]
        for row in range(max(0, bisect_right(episodes.start_ns, start_ns) - 1), len(episodes)):
            episode = episodes[row]
            if episode.start_ns >= end_ns:
                return
            length = min(end_ns, episode.end_ns) - max(start_ns, episode.start_ns)
            if length > 0:
                yield _Part(episode, length)

    def kin(self, pid: int) -> tuple[int, ...]:
        """Threads of a process and of all that it started."""
        if pid not in self._kin:
            self._kin[pid] = tuple(number for number, of in enumerate(self.pid) if self._descends(of, pid))
        return self._kin[pid]

    def _descends(self, pid: int, ancestor: int) -> bool:
        for _ in range(len(self._parents) + 1):
            if pid == ancestor:
                return True
            if pid not in self._parents:
                return False
            pid = self._parents[pid]
        return False

    def who(self, number: int, pid: int) -> str:
        """How a thread is called by one of process `pid`."""
        return self.name[number] if self.pid[number] == pid else f"process {self._commands[self.pid[number]]}"


WaitKey = tuple[State, str, str, int]


class _Attribution:
    def __init__(self, recording: Recording, timeline: Timeline) -> None:
        self._recording = recording
        self._table = StackTable(recording)
        self._lanes = _Lanes(recording, timeline)
        self._loops = blocks_by_thread(recording, timeline, self._table)
        self._plugins_own = PluginsOwn(recording, self._table)

    def of(self, stretch: Stretch) -> StretchBudget:
        numbers = self._lanes.of(stretch)
        if len(numbers) == 1 and not self._loops:
            around = self._lanes.around(numbers[0], stretch)
            if around is not None and not is_wait(around.state):
                return _of_one_state(around.state, stretch)
        parts: list[_Part] = []
        for number in numbers:
            cut = self._lanes.cut(number, stretch.start_ns, stretch.end_ns)
            parts += _by_looks_inside([self._without_plugin(part) for part in cut])
        seen_ns = sum([part.duration_ns for part in parts])
        lengths = _exact([(part.episode.state, part.duration_ns) for part in parts], stretch)
        budget: dict[State, int] = {}
        for (state, _), length in zip(_and_unseen(parts), lengths, strict=True):
            if length:
                budget[state] = budget.get(state, 0) + length
        return StretchBudget(
            budget=budget,
            waits=self._waits(parts, lengths, stretch, numbers),
            seen_ns=min(seen_ns, stretch.wall_ns),
            blocks=tuple(self._blocks(stretch)) if self._loops else (),
            looped=bool(self._loops)
            and any(
                episode.start_ns < stretch.end_ns and episode.end_ns > stretch.start_ns
                for number, (_, looped) in self._loops.items()
                if self._lanes.pid[number] == stretch.pid
                for episode in looped
            ),
        )

    def _without_plugin(self, part: _Part) -> _Part:
        """The part, of which nothing is known if it is laid to the plugin: that waits between stretches, not in one."""
        episode = part.episode
        if not (_is_off_cpu(episode.state) and self._plugins_own.is_its(episode.stack, episode.channel)):
            return part
        return part._replace(episode=episode._replace(state=State.UNKNOWN, stack=NO_STACK, channel=RUNNING, seen=0))

    def _waits(
        self, parts: list[_Part], lengths: list[int], stretch: Stretch, numbers: list[int]
    ) -> tuple[StretchWait, ...]:
        times: dict[WaitKey, int] = {}
        of_others: dict[WaitKey, list[_Part]] = {}
        for part, length in zip(parts, lengths, strict=False):
            state = part.episode.state
            if length and is_wait(state):
                key = self._key(part.episode)
                times[key] = times.get(key, 0) + length
                if state in _FOR_OTHERS:
                    of_others.setdefault(key, []).append(part)
        longest = sorted(times.items(), key=lambda item: (-item[1], item[0]))[:_MOST_WAITS]
        return tuple(
            StretchWait(*key, length, self._behind(of_others.get(key, ()), stretch, numbers)) for key, length in longest
        )

    def _key(self, episode: Episode) -> WaitKey:
        table = self._table
        place = table.users_place(episode.stack)
        if place >= 0 and (not table.is_users(place) or table.places[place].file.startswith("<")):
            place = -1
        target = target_of(episode.state, self._recording.channels[episode.channel], episode.stack, table)
        if episode.state in _FOR_OTHERS and target.startswith(("lock at ", "0x")):
            target = ""  # the place is told anyway
        return episode.state, target, table.places[place].file if place >= 0 else "", self._line(place)

    def _line(self, place: int) -> int:
        return self._table.line(place) if place >= 0 else 0

    def _behind(self, parts: Sequence[_Part], stretch: Stretch, numbers: list[int]) -> StretchWait | None:
        """What the most active of those did that the stretch's thread may have waited for.

        What was there in the same wait before and after the stretch is a server or a helper, and nobody's cause.
        """
        times: dict[tuple[WaitKey, str], int] = {}
        for part in parts:
            if part.duration_ns < _WORTH_ASKING_NS:
                continue
            start_ns, end_ns = max(stretch.start_ns, part.episode.start_ns), min(stretch.end_ns, part.episode.end_ns)
            for number in self._lanes.kin(stretch.pid):
                is_other = self._lanes.pid[number] != stretch.pid
                if number in numbers or (part.episode.state is State.WAIT_CHILD and not is_other):
                    continue
                for other in self._lanes.cut(number, start_ns, end_ns):
                    if not _is_no_cause(other.episode, stretch) and (is_other or not self._listens(other.episode)):
                        key = self._key(other.episode), self._lanes.who(number, stretch.pid)
                        times[key] = times.get(key, 0) + other.duration_ns
        most = max(times.values(), default=0)
        if not times or most < _LEAST_PART * sum(part.duration_ns for part in parts):
            return None
        telling = [key for key, time in times.items() if time >= _HARDLY * most]
        wait, who = min(telling, key=lambda key: (_RANK[key[0][0]], -times[key], key))
        return StretchWait(*wait, times[wait, who], None, who)

    def _listens(self, episode: Episode) -> bool:
        """Whether a thread without any of the user's code waits for words of another process, as a helper's does."""
        return episode.state is State.WAIT_IPC and not self._table.has_users_code(episode.stack)

    def _blocks(self, stretch: Stretch) -> Iterator[LoopBlock]:
        origin = self._recording.start_ns
        for number, (blocks, _) in self._loops.items():
            if self._lanes.pid[number] != stretch.pid:
                continue
            for block in blocks:
                start = max(stretch.start_ns, origin + block.start_ns)
                end = min(stretch.end_ns, origin + block.start_ns + block.duration_ns)
                if end - start >= max(SHORT_NS, block.duration_ns // 2):
                    yield block._replace(start_ns=start - origin, duration_ns=end - start)


def _of_one_state(state: State, stretch: Stretch) -> StretchBudget:
    """Most stretches of a suite of small tests: shorter than the time between two looks, and nothing waits in them."""
    wall = stretch.wall_ns
    if stretch.cpu_ns is None:
        return StretchBudget({state: wall}, (), wall)
    length, computing, unknown = _exact_alone(state, wall, wall, min(stretch.cpu_ns, wall))
    budget = {state: length} if length else {}
    if computing:
        budget[State.CPU_PYTHON] = budget.get(State.CPU_PYTHON, 0) + computing
    if unknown:
        budget[State.UNKNOWN] = budget.get(State.UNKNOWN, 0) + unknown
    return StretchBudget(budget, (), wall)


def _by_looks_inside(parts: list[_Part]) -> list[_Part]:
    """The parts, with waits that no look saw taken for what looks saw in the same stretch, if these saw any wait.

    The division of time is exact in sum, but lays waits that were not seen within a window of many looks: beyond
    the stretch, where the thread did something else.
    """
    if len(parts) < 2:
        return parts
    seen = [row for row, part in enumerate(parts) if part.episode.seen and _is_off_cpu(part.episode.state)]
    if not seen:
        return parts
    told = []
    for row, part in enumerate(parts):
        if not part.episode.seen and _is_off_cpu(part.episode.state):
            at = bisect_right(seen, row)
            nearest = min(seen[max(0, at - 1) : at + 1], key=lambda other: abs(other - row))
            like = parts[nearest].episode
            part = part._replace(
                episode=part.episode._replace(state=like.state, stack=like.stack, channel=like.channel)
            )
        told.append(part)
    return told


def _is_off_cpu(state: State) -> bool:
    return state not in COMPUTING and state is not State.WAIT_CPU


def _is_no_cause(episode: Episode, stretch: Stretch) -> bool:
    if episode.state in COMPUTING:
        return False
    around = episode.start_ns < stretch.start_ns - _FOUND_LATE_NS and episode.end_ns > stretch.end_ns + _FOUND_LATE_NS
    return episode.state in _SAYS_NOTHING or around


def _and_unseen(parts: list[_Part]) -> list[tuple[State, int]]:
    """The parts, and what may have to be added to them: computing that no look saw, and time that nothing saw."""
    seen = [(part.episode.state, part.duration_ns) for part in parts]
    return [*seen, (State.CPU_PYTHON, 0), (State.UNKNOWN, 0)]


def _exact(parts: list[tuple[State, int]], stretch: Stretch) -> list[int]:
    """Lengths of the parts so that computing takes what the clock says, and the whole what the stretch lasted.

    Returns:
        A length for each part, then that of computing which no part shows, then that of time which no part shows.
    """
    wall = stretch.wall_ns
    if len(parts) == 1 and stretch.cpu_ns is not None:
        return _exact_alone(*parts[0], wall, min(stretch.cpu_ns, wall))
    on_cpu = sum(length for state, length in parts if state in COMPUTING)
    off_cpu = sum(length for state, length in parts if state not in COMPUTING)
    if stretch.cpu_ns is None:
        return [
            *share_out([length for _, length in parts], min(wall, on_cpu + off_cpu)),
            0,
            max(0, wall - on_cpu - off_cpu),
        ]
    cpu = min(stretch.cpu_ns, wall)
    rest = wall - cpu
    computing = share_out([length if state in COMPUTING else 0 for state, length in parts], cpu if on_cpu else 0)
    # Time in which the thread was not observed stays unknown; what was, and did not compute, takes up the rest.
    unseen = max(0, wall - on_cpu - off_cpu)
    waiting_ns = max(0, rest - unseen) if off_cpu else 0
    waiting = share_out([length if state not in COMPUTING else 0 for state, length in parts], waiting_ns)
    both = [a + b for a, b in zip(computing, waiting, strict=True)]
    return [*both, 0 if on_cpu else cpu, rest - waiting_ns]


def _exact_alone(state: State, length: int, wall: int, cpu: int) -> list[int]:
    """As `_exact`, for the single part that most stretches shorter than the time between two looks have."""
    if state in COMPUTING:
        return [cpu, 0, wall - cpu]
    waiting = max(0, wall - cpu - max(0, wall - length))
    return [waiting, cpu, wall - cpu - waiting]


def share_out(lengths: list[int], total: int) -> list[int]:
    """Lengths in proportion that add up to the total exactly."""
    whole = sum(lengths)
    if not whole:
        return [0] * len(lengths)
    scaled, done, edge = [], 0, 0
    for length in lengths:
        done += length
        before, edge = edge, total * done // whole
        scaled.append(edge - before)
    return scaled


def stretches(recording: Recording, timeline: Timeline, of: Sequence[Stretch]) -> tuple[StretchBudget, ...]:
    """What each of these stretches went to.

    Args:
        recording: What was observed.
        timeline: What `timeline` made of this recording.
        of: Stretches, in any order; they may lie outside of what was observed.
    """
    attribution = _Attribution(recording, timeline)
    return tuple(attribution.of(stretch) for stretch in of)
