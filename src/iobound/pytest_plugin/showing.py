"""Writes the summary to pytest's terminal, and in a CI system what that shows beside the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from iobound.pipeline import TextStyle
    from iobound.pipeline.listed import ToldSuite
    from iobound.pytest_plugin.settings import Settings


def show(
    reporter: pytest.TerminalReporter,
    settings: Settings,
    told: ToldSuite | None,
    troubles: Sequence[str],
) -> None:
    """Write what was found, and what went wrong; workflow commands last, each on a line of its own."""
    if told is None and not troubles:
        return
    reporter.section("iobound")
    if told is not None:
        for wish in settings.summaries:
            reporter.write(told.render(wish.format, _style(reporter)))
    for trouble in troubles:
        reporter.write_line(trouble)
    if told is not None:
        _tell_ci(reporter, settings, told)


def _tell_ci(reporter: pytest.TerminalReporter, settings: Settings, told: ToldSuite) -> None:
    """The summary of the step, and annotations. Only the process that was called has a terminal to write to."""
    from iobound.pipeline.wishes import joined_by_ci

    if not joined_by_ci(settings.summaries, unwanted=settings.no_ci):
        return
    left_out = told.to_page()
    reporter.write(told.render("github", _style(reporter)))
    reporter.write(left_out)


def _style(reporter: pytest.TerminalReporter) -> TextStyle:
    from iobound.pipeline.screen import style_of

    writer = reporter._tw
    return style_of(writer._file, None)._replace(colour=False)
