"""Scan: what the source says of calls and loops. Reads text, runs nothing.

The steps: `sources` decodes and parses, `survey` walks a tree once, `names` tells what names stand for, `calls` finds
the call at a place and looks it up in the `catalogue` (or in `leaves`, for the depths of the standard library), `loops`
finds the loops around it, and `independence` says whether their iterations need one another. `examine` joins them.
"""

from iobound.model.origin import is_own_code as own_code
from iobound.scan.examine import examine

__all__ = ["examine", "own_code"]
