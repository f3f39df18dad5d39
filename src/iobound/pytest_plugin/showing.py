"""Writes the summary to pytest's terminal, and in a CI system what that shows beside the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from iobound.model.suite import SuiteFindings
    from iobound.pipeline import TextStyle
    from iobound.pytest_plugin.settings import Settings


def show(
    reporter: pytest.TerminalReporter,
    settings: Settings,
    findings: SuiteFindings | None,
    troubles: Sequence[str],
) -> None:
    """Write what was found, and what went wrong; workflow commands last, each on a line of its own."""
    if findings is None and not troubles:
        return
    reporter.section("iobound")
    if findings is not None:
        for wish in settings.summaries:
            reporter.write(_summary(wish.format, findings, _style(reporter)))
    for trouble in troubles:
        reporter.write_line(trouble)
    if findings is not None:
        _tell_ci(reporter, settings, findings)


def _summary(format: str, findings: SuiteFindings, style: TextStyle) -> str:
    if format == "log":
        from iobound.pipeline import listed

        return listed.write(listed.of_suite(findings), "log", style)
    from iobound.pipeline import suite

    return suite.render(findings, style)


def _tell_ci(reporter: pytest.TerminalReporter, settings: Settings, findings: SuiteFindings) -> None:
    """Annotations, and the summary of the step. Only the process that was called has a terminal to write to."""
    from iobound.pipeline.wishes import joined_by_ci

    if not joined_by_ci(settings.summaries, unwanted=settings.no_ci):
        return
    from iobound.pipeline import listed

    listing = listed.of_suite(findings)
    reporter.write(listed.write(listing, "github", _style(reporter)))
    left_out = listed.add_to_summary(listing)
    if left_out:
        reporter.write_line(left_out)


def _style(reporter: pytest.TerminalReporter) -> TextStyle:
    from iobound.pipeline.screen import style_of

    writer = reporter._tw
    return style_of(writer._file, None)._replace(colour=False)
