"""What a run is bound by, what to do about it, and what says so. Pure.

Steps: compare groups of states by their intervals (`verdict`), collect what the predictions suggest at each site
(`at_sites`) and what the run as a whole suggests (`whole_program`, `event_loop`), rank it or advise to leave the
program alone (`order`, `leave`), and put the seven kinds of evidence into sentences (`evidence`).
"""

from __future__ import annotations

from iobound.verbs.advise.evidence import evidence
from iobound.verbs.advise.order import advise
from iobound.verbs.advise.phases import phase_bounds
from iobound.verbs.advise.verdict import verdict

__all__ = ["advise", "evidence", "phase_bounds", "verdict"]
