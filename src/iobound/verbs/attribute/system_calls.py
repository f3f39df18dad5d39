"""Time by system call: what the kernel says that threads were blocked in, whatever their Python frames say."""

from __future__ import annotations

from iobound.model.breakdown import SystemCall
from iobound.model.recording import RUNNING, Recording
from iobound.model.state import State
from iobound.verbs.attribute.states import STATE_OF_KIND
from iobound.verbs.attribute.tally import Sums

MOST_CALLS = 100


def system_calls(sums: Sums, recording: Recording) -> tuple[SystemCall, ...]:
    """The run's wall time and the thread time in each system call, most first; none where calls cannot be seen."""
    if recording.source == "portable":
        return ()
    wall = _by_call(sums.wall, recording)
    threads = _by_call(sums.threads, recording)
    found = [
        SystemCall(call, target, state, wall.get(key, 0), threads.get(key, 0))
        for key in {**wall, **threads}
        for call, target, state in (key,)
    ]
    found.sort(key=lambda each: (-each.wall_ns, -each.thread_ns, each.call, each.target))
    return tuple(found[:MOST_CALLS])


def _by_call(times: dict[tuple[int, State, int], int], recording: Recording) -> dict[tuple[str, str, State], int]:
    found: dict[tuple[str, str, State], int] = {}
    for (_, state, number), time in times.items():
        channel = recording.channels[number]
        if number == RUNNING:
            key = "", "", state
        else:  # the address of a lock names nothing
            target = "" if channel.target.startswith("0x") else channel.target
            key = channel.call, target, STATE_OF_KIND[channel.kind]
        found[key] = found.get(key, 0) + time
    return found
