"""Infer what a run's time went to: recording in, timeline and breakdown out.

`timeline` gives each look a stack (`looks`) and a state (`states`), divides each thread's exact time among them
(`division`), and finds the thread that each instant of the run belongs to (`whole_run`, `calibration`).
`breakdown` adds that up by thread, place, wait and phase, and finds the sites where work is repeated.
`timeline_and_breakdown` gives both and reads the looks once.
`of_calls` does the same for the calls of single functions, whose times are known exactly.
Pure: the same recording gives the same answer everywhere.
"""

from iobound.verbs.attribute.answers import breakdown, timeline, timeline_and_breakdown
from iobound.verbs.attribute.calls import of_calls

__all__ = ["breakdown", "of_calls", "timeline", "timeline_and_breakdown"]
