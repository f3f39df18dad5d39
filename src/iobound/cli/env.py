"""`iobound env`."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence

from iobound import pipeline
from iobound.cli.options import Parser
from iobound.pipeline import screen


def main(arguments: Sequence[str]) -> int:
    """Say what can be observed here, and why not what cannot; returns 0."""
    parser = Parser(
        prog="iobound env",
        description="What this machine and interpreter let us observe; tries the observer's assumptions out.",
        allow_abbrev=False,
    )
    parser.parse_args(list(arguments))
    lines = [f"interpreter  {sys.implementation.name} {platform.python_version()}, {sys.executable}"]
    lines.append(f"system       {platform.system()} {platform.release()} on {platform.machine()}")
    for capability in pipeline.capabilities():
        mark = "yes" if capability.available else "no "
        lines.append(f"{mark}  {capability.fact:15} {capability.source}")
        if capability.why:
            lines.append(f"     {'':15} {capability.why}")
    screen.put("\n".join(lines) + "\n", screen.stdout())
    return 0
