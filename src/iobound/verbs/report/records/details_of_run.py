"""What a run's log says below verdict and advice: one fact a line, largest first."""

from __future__ import annotations

from collections.abc import Iterator

from iobound.model.breakdown import Hotspot, Wait
from iobound.model.diagnosis import Diagnosis
from iobound.model.state import State
from iobound.verbs.report import figures, harmless, measured, paths, unseen, words
from iobound.verbs.report.records.record import Detail

_LONGEST_NAME = 80


def details(diagnosis: Diagnosis) -> Iterator[Detail]:
    """States, waits, lines, what could not be told, what observing cost."""
    yield from _states(diagnosis)
    for wait in measured.told_waits(diagnosis):
        yield _wait(wait, diagnosis)
    least_ns = diagnosis.breakdown.wall_ns // 1000
    for hotspot in measured.at_one_line(diagnosis.breakdown.hotspots):
        if hotspot.wall_ns > least_ns:
            yield _line(hotspot, diagnosis)
    recording = diagnosis.recording
    unknown = diagnosis.breakdown.shares.get(State.UNKNOWN, 0.0)
    yield Detail("unknown", f"{figures.share(unknown)} of wall time could not be told")
    yield Detail("overhead", unseen.overhead(recording.effort, recording.wall_ns))
    for note in dict.fromkeys((*recording.notes, *diagnosis.breakdown.notes)):
        yield Detail("note", note.rstrip("."))


def _states(diagnosis: Diagnosis) -> Iterator[Detail]:
    breakdown = diagnosis.breakdown
    shown = [state for state in State if breakdown.shares.get(state, 0.0) > 0 and state is not State.UNKNOWN]
    for state in sorted(shown, key=lambda state: -breakdown.shares[state]):
        interval = breakdown.intervals.get(state)
        within = f" (90 % interval {figures.share_interval(interval)})" if interval is not None else ""
        yield Detail("state", f"{state.value} {figures.share(breakdown.shares[state])} of wall time{within}")


def _wait(wait: Wait, diagnosis: Diagnosis) -> Detail:
    cwd, wall_ns = diagnosis.recording.cwd, diagnosis.breakdown.wall_ns
    share = figures.share(wait.wall_ns / wall_ns if wall_ns > 0 else None)
    target = paths.command(wait.target) if wait.state is State.WAIT_CHILD else paths.familiar(wait.target, cwd)
    for_ = f" for {harmless.shortened(target, _LONGEST_NAME)}" if target else ""
    queued = wait.thread_ns > wait.wall_ns * 1.01
    threads = f", {figures.duration(wait.thread_ns)} of thread time" if queued else ""
    said = f"{wait.state.value} {share} of wall time, {figures.duration(wait.wall_ns)}{threads}{for_}"
    place = "" if wait.file is None else words.place(wait.file, wait.line or 0, cwd)
    return Detail("wait", f"{said}, {figures.tally(wait.count, 'wait')}", place)


def _line(hotspot: Hotspot, diagnosis: Diagnosis) -> Detail:
    wall_ns = diagnosis.breakdown.wall_ns
    share = figures.share(hotspot.wall_ns / wall_ns if wall_ns > 0 else None)
    names = (harmless.shortened(name, _LONGEST_NAME) for name in (hotspot.function, hotspot.call) if name)
    said = f"{share} of wall time, {figures.duration(hotspot.wall_ns)}, in {' → '.join(names)}"
    state = words.dominant(hotspot.budget).value
    return Detail(
        "line", f"{said}, most of it {state}", words.place(hotspot.file, hotspot.line, diagnosis.recording.cwd)
    )
