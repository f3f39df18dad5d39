"""Showing the report of a cell: as HTML where the front end has it, as text in a terminal, or as it was asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from iobound import pipeline
from iobound.errors import IoboundError
from iobound.pipeline import listed, screen

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from iobound.ipython.asked import Wanted
    from iobound.pipeline.finished import Report
    from iobound.pipeline.observing import Observation

_SHOWN_AS_HTML = "html"


def told(observation: Observation, wanted: Wanted, shell: InteractiveShell) -> Report | None:
    """Show and keep what was asked for; a fault of ours is told in one line and does nothing else to the cell.

    Returns:
        The report; None where nothing was observed.
    """
    try:
        report = observation.report
        report.diagnosis  # noqa: B018 - worked out here, where it can be told that it cannot
    except Exception as problem:
        complain(problem)
        return None
    try:
        _keep(report, wanted)
        if not wanted.quiet and not (wanted.gives_report and not wanted.reports):
            _show(report, wanted, shell)
    except Exception as problem:
        complain(problem)
    return report


def complain(problem: Exception) -> None:
    """Say what went wrong with observing."""
    if isinstance(problem, IoboundError):
        text = f"{problem.message}; {problem.hint}" if problem.hint else problem.message
    else:
        text = f"the report is lost: {type(problem).__name__}: {problem}"
    print(f"iobound: {text}", file=sys.stderr)  # noqa: T201


def _keep(report: Report, wanted: Wanted) -> None:
    if wanted.save is not None:
        report.save(wanted.save)
    for wish in wanted.reports:
        if wish.path is not None:
            pipeline.write(report.render(wish.format, width=100), wish.path)


def _show(report: Report, wanted: Wanted, shell: InteractiveShell) -> None:
    formats = [wish.format for wish in wanted.reports if wish.path is None]
    if not wanted.reports:
        formats = [_SHOWN_AS_HTML if _has_front_end(shell) else "text"]
    for format_ in formats:
        if format_ == _SHOWN_AS_HTML and _has_front_end(shell):
            _display(report)
        else:
            screen.show(listed.ToldRun(report.diagnosis), [pipeline.ReportWish(format_)], sys.stdout)


def _has_front_end(shell: InteractiveShell) -> bool:
    """Whether it shows more than text: that of a notebook, which has a kernel."""
    return hasattr(shell, "kernel")


def _display(report: Report) -> None:
    from IPython.display import display

    display(report)
