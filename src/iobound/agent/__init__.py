"""Code that runs inside the target where its stacks cannot be read from outside.

Standard library only, small, never raises.

`bootstrap/` is put in front of PYTHONPATH of the target and holds nothing but a `sitecustomize` that starts the
agent and then gets out of the way, and the agent itself. Nothing of it is imported by the rest of iobound.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    BOOTSTRAP: Path
    """Directory for PYTHONPATH."""

VARIABLE = "IOBOUND_AGENT"
"""Environment variable that tells the agent how to look and where to write: `2;PERIOD_NS;DIRECTORY`."""


def __getattr__(name: str) -> object:
    """Make the path when it is asked for: an observer that reads memory from outside has no time for it."""
    if name != "BOOTSTRAP":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pathlib import Path

    made = globals()[name] = Path(__file__).parent / "bootstrap"
    return made
