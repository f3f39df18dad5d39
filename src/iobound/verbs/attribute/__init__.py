"""Infer what a run's time went to: recording in, timeline and breakdown out.

`timeline` gives each look a stack (`looks`) and a state (`states`), divides each thread's exact time among them
(`division`), and finds the thread that each instant of the run belongs to (`whole_run`, `calibration`).
`breakdown` adds that up by thread, place, wait and phase, and finds the sites where work is repeated.
`of_calls` does the same for the calls of single functions, whose times are known exactly.
Pure: the same recording gives the same answer everywhere.
"""

from iobound.verbs.attribute.calls import of_calls
from iobound.verbs.attribute.summary import breakdown
from iobound.verbs.attribute.tiling import timeline

__all__ = ["breakdown", "of_calls", "timeline"]
