"""The report when a program ends: to standard error, or wherever `IOBOUND_REPORT` says."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from iobound.decorator.ledger import Ledger
from iobound.decorator.telling import diagnosis_of_all
from iobound.errors import IoboundError
from iobound.pipeline import advised, observed, screen, wishes

WISH = "IOBOUND_REPORT"
"""Environment variable: `FORMAT[:PATH]`, several apart by commas, as for `--report`."""


def tell(ledger: Ledger) -> None:
    """Write the report; whatever goes wrong is one line and nothing else."""
    diagnosis = diagnosis_of_all(ledger)
    stream = screen.stderr()
    asked = [word.strip() for word in os.environ.get(WISH, "").split(",") if word.strip()]
    if not asked:
        style = screen.style_of(stream, None)
        screen.put(screen.fresh_line(stream) + advised.in_short(diagnosis, style), stream)
        return
    for wish in wishes.wishes(asked):
        if wish.path is None:
            screen.put(observed.render(diagnosis, wish.format, screen.style_of(stream, None)), stream)
        else:
            wishes.write(observed.render(diagnosis, wish.format, wishes.style(width=100, unicode=True)), wish.path)


def complain(problem: Exception) -> None:
    """Say in one line that there is no report, and why."""
    text = problem.message if isinstance(problem, IoboundError) else f"{type(problem).__name__}: {problem}"
    with suppress(Exception):
        sys.stderr.write(f"iobound: the report is lost: {' '.join(text.split())[:500]}\n")
