"""Writes the summary to pytest's terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from iobound.model.suite import SuiteFindings
    from iobound.pipeline import TextStyle


def show(reporter: pytest.TerminalReporter, findings: SuiteFindings | None, troubles: Sequence[str]) -> None:
    """Write what was found, and what went wrong."""
    if findings is None and not troubles:
        return
    reporter.section("iobound")
    if findings is not None:
        from iobound.pipeline import suite

        reporter.write(suite.render(findings, _style(reporter)))
    for trouble in troubles:
        reporter.write_line(trouble)


def _style(reporter: pytest.TerminalReporter) -> TextStyle:
    from iobound.pipeline.screen import style_of

    writer = reporter._tw
    return style_of(writer._file, None)._replace(colour=False)
