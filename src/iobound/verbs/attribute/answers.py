"""What others ask of `attribute`; whoever wants both answers has the looks read once for both."""

from __future__ import annotations

from iobound.model.breakdown import Breakdown
from iobound.model.recording import Recording
from iobound.model.timeline import Timeline
from iobound.verbs.attribute.frames import StackTable
from iobound.verbs.attribute.looks import read_looks
from iobound.verbs.attribute.states import StateRules
from iobound.verbs.attribute.summary import summarised
from iobound.verbs.attribute.tiling import tiled


def timeline(recording: Recording) -> Timeline:
    """What every thread did when, and to which thread each instant of the run belongs; see `tiling.tiled`."""
    table = StackTable(recording)
    return tiled(recording, table, read_looks(recording, table, StateRules(recording, table)))


def breakdown(recording: Recording, timeline: Timeline) -> Breakdown:
    """A timeline of this recording, added up; see `summary.summarised`."""
    table = StackTable(recording)
    return summarised(recording, table, read_looks(recording, table, StateRules(recording, table)), timeline)


def timeline_and_breakdown(recording: Recording) -> tuple[Timeline, Breakdown]:
    """Both, in little more than half of the time."""
    table = StackTable(recording)
    looks = read_looks(recording, table, StateRules(recording, table))
    line = tiled(recording, table, looks)
    return line, summarised(recording, table, looks, line)
