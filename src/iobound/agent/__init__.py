"""Code that runs inside the target where its stacks cannot be read from outside.

Standard library only, small, never raises.

`bootstrap/` is put in front of PYTHONPATH of the target and holds nothing but a `sitecustomize` that starts the
agent and then gets out of the way, and the agent itself. Nothing of it is imported by the rest of iobound.
"""

from pathlib import Path

BOOTSTRAP = Path(__file__).parent / "bootstrap"
"""Directory for PYTHONPATH."""

VARIABLE = "IOBOUND_AGENT"
"""Environment variable that tells the agent how to look and where to write: `2;PERIOD_NS;DIRECTORY`."""
