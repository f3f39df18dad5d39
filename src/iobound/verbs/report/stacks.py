"""Timelines as stacks with the time spent in them: what call trees and flame graphs are made of.

A frame is written as pyinstrument does: `function NUL file NUL first-line`, then `SOH l line` for the running line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iobound.model.origin import is_own_code
from iobound.model.recording import NO_STACK, Place, Recording
from iobound.model.state import State
from iobound.model.timeline import Doing, ThreadTimeline
from iobound.verbs.report import crowds, harmless, paths

DEEPEST = 120
"""Frames of one stack; the outermost and innermost are kept. pyinstrument's renderers recurse several calls a frame."""

MOST_RECORDS = 20_000
"""Stretches of all threads, in order of time; of more, those of one stack within each of 200 windows are added up."""

INSTALLED = "installed:"
"""Marks paths of library code where they are shortened, because their beginning no longer tells."""

_WINDOWS = 200
_LONGEST_NAME = 200

States = frozenset[State] | None


Stretch = tuple[list[str], int]
"""A thread in one stack and one state: its frames, outermost first, and nanoseconds; plain, for there are so many."""


def thread_stretches(
    thread: ThreadTimeline, states: States, stacks: Stacks, root: Sequence[str] = ()
) -> Iterator[Stretch]:
    """The thread's episodes in the wanted states, neighbours in the same stack and state joined."""
    episodes = thread.episodes
    frames = _frames_of(episodes.doing, states, stacks, root)
    last: list[str] | None = None
    time_ns = 0
    for number, duration in zip(episodes.number, episodes.duration_ns, strict=True):
        now = frames[number]
        if now is None or duration <= 0:
            continue
        if last is not None and now is not last:
            yield last, time_ns
            time_ns = 0
        last = now
        time_ns += duration
    if last is not None:
        yield last, time_ns


def _frames_of(doing: Sequence[Doing], states: States, stacks: Stacks, root: Sequence[str]) -> list[list[str] | None]:
    """The frames of what a thread did, one object for each stack and state; None for states that are not wanted."""
    leaves = states is None or len(states) > 1
    known: dict[tuple[int, State], list[str]] = {}
    for state, stack, _ in doing:
        if (states is None or state in states) and (stack, state) not in known:
            known[stack, state] = [*root, *stacks.frames(stack), *_leaf(state, stack, leaves)]
    return [known.get((stack, state)) for state, stack, _ in doing]


def bounded(stretches: Iterator[Stretch], threads: int) -> list[Stretch]:
    """One of so many threads' stretches, added up where all together would be too much for their readers."""
    found = list(stretches)
    if len(found) <= max(1, MOST_RECORDS // threads):
        return found
    return list(_added_up(found, max(1, _WINDOWS // threads)))


def _leaf(state: State, stack: int, wanted: bool) -> list[str]:
    unseen = stack == NO_STACK
    if not wanted and not unseen:
        return []
    return [f"[{state.value}{', stack not seen' if unseen else ''}]"]


def _added_up(stretches: Sequence[Stretch], windows: int) -> Iterator[Stretch]:
    """The same time in fewer records: within each window one per stack."""
    size = -(-len(stretches) // windows)
    for start in range(0, len(stretches), size):
        total: dict[int, int] = {}
        frames: list[list[str]] = []
        for stack, duration in stretches[start : start + size]:
            key = id(stack)
            if key in total:
                total[key] += duration
            else:
                total[key] = duration
                frames.append(stack)
        yield from zip(frames, total.values(), strict=True)


class Stacks:
    """Frames of interned stacks, each place written once."""

    def __init__(self, recording: Recording, *, familiar: bool) -> None:
        self._recording = recording
        self._familiar = familiar
        self._written: dict[int, str] = {}

    def places(self, stack: int) -> list[int]:
        """Places from outermost to innermost, the middle of very deep stacks left out as -1."""
        found: list[int] = []
        while stack != NO_STACK:
            node = self._recording.stacks[stack]
            found.append(node.place)
            stack = node.caller
        found.reverse()
        if len(found) > DEEPEST:
            half = DEEPEST // 2
            found = [*found[:half], -1, *found[-half:]]
        return found

    def frames(self, stack: int) -> list[str]:
        """The stack as pyinstrument writes it."""
        return [self._frame(place) for place in self.places(stack)]

    def _frame(self, place: int) -> str:
        if place < 0:
            return "[frames left out]"
        if place not in self._written:
            self._written[place] = frame_of(self._recording.places[place], self._path(place))
        return self._written[place]

    def _path(self, place: int) -> str:
        file, cwd = self._recording.places[place].file, self._recording.cwd
        if self._familiar:
            # Renderers tell library code by how its path begins.
            return paths.familiar(file, cwd) if is_own_code(file) else INSTALLED + paths.familiar(file, cwd)
        return file if file.startswith(("/", "<")) or ":" in file else f"{cwd.rstrip('/')}/{file}"


def frame_of(place: Place, path: str) -> str:
    """One frame as pyinstrument writes it."""
    function = harmless.inline(place.function, _LONGEST_NAME) or "<unnamed>"
    line = f"\x01l{place.line}" if place.line > 0 else ""
    return f"{function}\x00{harmless.inline(path)}\x00{max(0, place.first_line)}{line}"


def thread_frames(recording: Recording, threads: Sequence[ThreadTimeline], *, together: bool) -> list[str]:
    """Each thread as the outermost frame, for where several are shown; alike ones as one frame if `together`."""
    records = [recording.processes[thread.process].threads[thread.thread] for thread in threads]
    if not together:
        return [
            _thread_frame(record.name, f"process {recording.processes[thread.process].pid}, thread {record.native_id}")
            for thread, record in zip(threads, records, strict=True)
        ]
    keys = [
        crowds.likeness(recording, thread.process, record.name) for thread, record in zip(threads, records, strict=True)
    ]
    groups: dict[crowds.Likeness, list[int]] = {}
    for index, key in enumerate(keys):
        groups.setdefault(key, []).append(index)
    frames = {key: _crowd_frame(recording, key, [threads[index] for index in group]) for key, group in groups.items()}
    return [frames[key] for key in keys]


def _crowd_frame(recording: Recording, key: crowds.Likeness, threads: Sequence[ThreadTimeline]) -> str:
    processes = list(dict.fromkeys(thread.process for thread in threads))
    names = [recording.processes[thread.process].threads[thread.thread].name for thread in threads]
    first = recording.processes[processes[0]]
    where = f"process {first.pid}" if len(processes) == 1 else f"{len(processes)} × {first.command}"
    return _thread_frame(crowds.named(key, names, len(processes)), where)


def _thread_frame(name: str, where: str) -> str:
    return f"{harmless.inline(name, _LONGEST_NAME) or '(unnamed thread)'}\x00{harmless.inline(where, _LONGEST_NAME)}"


def thread_name(recording: Recording, thread: ThreadTimeline) -> str:
    """The thread and its process, for people."""
    process = recording.processes[thread.process]
    return harmless.inline(f"{process.threads[thread.thread].name} of process {process.pid}", _LONGEST_NAME)
