"""The section on what was not seen, and what the looking cost: a report says what it does not know."""

from __future__ import annotations

from iobound.model.diagnosis import Diagnosis
from iobound.model.recording import Capability, Effort
from iobound.model.state import State
from iobound.verbs.report import figures
from iobound.verbs.report.blocks import Block, Prose, Role, Section

_LABEL = 9
_MOST_NOTES = 10


def section(diagnosis: Diagnosis) -> Section:
    """Unknown time, missed looks, missing capabilities, notes, overhead."""
    recording, breakdown = diagnosis.recording, diagnosis.breakdown
    missing = [capability for capability in recording.capabilities if not capability.available]
    notes = dict.fromkeys((*recording.notes, *breakdown.notes))
    blocks: list[Block] = [
        _row("unknown", f"{figures.share(breakdown.shares.get(State.UNKNOWN, 0.0))} of wall time could not be told"),
        _row("looks", _looks(recording.effort, recording.wall_ns)),
        _row("overhead", overhead(recording.effort, recording.wall_ns)),
    ]
    blocks += [_row("missing", _missing(capability)) for capability in missing]
    blocks += [_row("note", note) for note in list(notes)[:_MOST_NOTES]]
    if len(notes) > _MOST_NOTES:
        blocks.append(_row("note", f"and {len(notes) - _MOST_NOTES} more notes"))
    if recording.source == "portable":
        blocks.append(_row("source", "this system shows no thread states: waits are told from calls and CPU clocks"))
    return Section("What was not seen", tuple(blocks))


def _row(label: str, text: str) -> Prose:
    return Prose(text, label, label_role=Role.LABEL, label_width=_LABEL)


def _looks(effort: Effort, wall_ns: int) -> str:
    """The mean of the run: the period changes while the observer keeps to its budget."""
    every = f", one every {figures.duration(wall_ns // effort.taken)} on average" if effort.taken else ""
    parts = [f"{figures.tally(effort.taken, 'look')} taken{every}"]
    if effort.missed:
        parts.append(f"{effort.missed:,} missed")
    if effort.failed:
        parts.append(f"{effort.failed:,} failed")
    if effort.late:
        parts.append(f"{effort.late:,} late")
    if effort.inside_missed:
        parts.append(f"{effort.inside_missed:,} of {effort.inside_looks + effort.inside_missed:,} stacks missed")
    return "; ".join(parts)


def overhead(effort: Effort, wall_ns: int) -> str:
    """What observing cost."""
    part = figures.share(effort.cpu_ns / wall_ns if wall_ns > 0 else None)
    return f"the observer took {figures.duration(effort.cpu_ns)} of CPU time, {part} of one CPU"


def _missing(capability: Capability) -> str:
    return f"{capability.fact} ({capability.source}): {capability.why or 'not available'}"
