"""What another way to run a site would gain. Pure.

Steps: read what the site's items cost from its budget (`workload`), plan each strategy as a closed queueing network
with its own costs (`threads`, `processes`, `asyncio_tasks`, `free_threading` on top of `plan` and `queueing`), work it
out for worst, likely and best costs (`costs`), and carry the site's gain over to the program (`program`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iobound.verbs.predict.rank import curve, predict

__all__ = ["curve", "predict"]


def __getattr__(name: str) -> Any:
    """Load what is asked for: what a test suite would gain (`suite`) needs nothing of what sites do."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from iobound.verbs.predict import rank

    value = globals()[name] = getattr(rank, name)
    return value
