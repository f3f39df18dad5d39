"""Observe: run the target as its shell would, look at it, and make a recording.

Steps: find out what can be observed (`capability`), start the target (`launch`; with an agent in its path where memory
cannot be read, `channel_folder`), look at it from outside until it ends (`supervisor`, `timetable`; `portable` where
there is nothing to see from outside), keep what was seen (`collector`).
"""

from iobound.verbs.observe.capability import quick as capabilities
from iobound.verbs.observe.capability import self_tests
from iobound.verbs.observe.run import Options, Target, observe
from iobound.verbs.observe.sources.effective_cpus import effective_cpus

__all__ = ["Options", "Target", "capabilities", "effective_cpus", "observe", "self_tests"]
