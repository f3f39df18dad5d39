"""The order of the steps; nothing else knows it. Loaded as far as a command needs it.

`observed`: a run, or a recording of one, becomes a diagnosis. `scanned`: source becomes findings. `telling` and
`wishes`: what is written, in which form, and where to.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from typing import Any

    from iobound.pipeline.observed import (
        WORKERS,
        Options,
        Outcome,
        Target,
        capabilities,
        diagnose,
        load,
        read_source,
        render,
        run,
        tree,
    )
    from iobound.pipeline.wishes import LOG, TEXT, ReportWish, formats, style, write
    from iobound.verbs.report import TextStyle

__all__ = [
    "LOG",
    "TEXT",
    "WORKERS",
    "Options",
    "Outcome",
    "ReportWish",
    "Target",
    "TextStyle",
    "capabilities",
    "diagnose",
    "formats",
    "load",
    "read_source",
    "render",
    "run",
    "style",
    "tree",
    "write",
]

_WISHES = frozenset({"LOG", "TEXT", "ReportWish", "formats", "style", "write"})


def __getattr__(name: str) -> Any:
    """Load the steps that are asked for: a scan observes nothing."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    own = "wishes" if name in _WISHES else "observed"
    home = "iobound.verbs.report" if name == "TextStyle" else f"{__name__}.{own}"
    value = globals()[name] = getattr(import_module(home), name)
    return value
