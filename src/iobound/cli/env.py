"""`iobound env`."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence

from iobound import pipeline
from iobound.cli.messages import one_line
from iobound.cli.options import Parser
from iobound.pipeline import ci, screen


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
    lines += _ci_lines()
    screen.put("\n".join(lines) + "\n", screen.stdout())
    return 0


def _ci_lines() -> list[str]:
    """The CI system, and what of ours it does something with."""
    platform = ci.here()
    if platform is None:
        return ["ci           none: no variable of a CI system is set"]
    lines = [f"ci           {platform.name} ({one_line(platform.mark)}): commands report as `log`"]
    lines.append(f"checkout     {one_line(ci.repository()) or 'not known: names of files are told as they are'}")
    for reading in platform.reads:
        lines.append(f"reads        {reading.format:10} {reading.option or 'unasked'}")
        lines.append(f"             {'':10} {reading.then}")
    return lines
