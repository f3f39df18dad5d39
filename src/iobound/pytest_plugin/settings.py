"""What was asked for: on the command line, else in the ini file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from iobound.errors import UnknownFormat, UsageError
from iobound.pipeline.wishes import ReportWish, unasked

if TYPE_CHECKING:
    import pytest

    from iobound.model.gate import Gate
    from iobound.model.suite import Baseline

OWN_FORMATS = ("text", "json")
"""What the plugin writes of the suite itself."""

SUMMARIES = ("text", "log")
"""What the summary that pytest's own ends with can be."""


class Settings(NamedTuple):
    """What the controller is to do.

    Attributes:
        wishes: Reports to write; those without a path say what the summary is that is always shown.
        fail_on: What must not hold of the suite.
        baseline: An earlier report of the suite.
        no_ci: Whether annotations and the summary of a CI system's step are unwanted.
    """

    wishes: tuple[ReportWish, ...] = ()
    fail_on: tuple[Gate, ...] = ()
    baseline: Baseline | None = None
    no_ci: bool = False

    @property
    def summaries(self) -> tuple[ReportWish, ...]:
        """What is shown at the end: as asked for, else the text, and in a CI system the log."""
        return tuple(wish for wish in self.wishes if wish.path is None) or (unasked(),)

    @property
    def of_the_run(self) -> tuple[ReportWish, ...]:
        """Reports in the formats of `iobound run`."""
        return tuple(wish for wish in self.wishes if wish.format not in OWN_FORMATS)


def settings_of(config: pytest.Config, options: object) -> Settings:
    """Read the settings, and all that can be wrong with them, before the suite runs.

    Raises:
        UsageError: A format, a path, an expression or the earlier report cannot be used.
    """
    reports = getattr(options, "iobound_report", None) or config.getini("iobound_report")
    fail_on = getattr(options, "iobound_fail_on", None) or config.getini("iobound_fail_on")
    baseline = getattr(options, "iobound_baseline", None) or config.getini("iobound_baseline")
    wishes = tuple(_wish(text, config) for text in reports)
    _require_apart(wishes)
    no_ci = bool(getattr(options, "iobound_no_ci", None) or config.getini("iobound_no_ci"))
    if not fail_on and not baseline:
        return Settings(wishes, no_ci=no_ci)
    from iobound.pipeline import suite

    return Settings(
        wishes,
        suite.gates(fail_on) if fail_on else (),
        suite.read_baseline(_path(baseline, config)) if baseline else None,
        no_ci,
    )


def _wish(text: str, config: pytest.Config) -> ReportWish:
    format_, separator, path = text.partition(":")
    if separator and not path:
        raise UsageError(
            f"--iobound-report {text} names no file", hint=f"write --iobound-report {format_ or 'FORMAT'}:FILE"
        )
    if not separator and format_ not in SUMMARIES:
        hint = f"write --iobound-report {format_ or 'FORMAT'}:FILE"
        if format_ not in _formats():
            raise UnknownFormat(f"no report format is called {format_!r}", hint=f"formats: {', '.join(_formats())}")
        raise UsageError(f"--iobound-report {format_} would be written among what the tests say", hint=hint)
    wish = ReportWish(format_, _path(path, config) if path else None)
    if wish.path is not None or format_ not in OWN_FORMATS:
        wish.require_possible(_formats())
    return wish


def _formats() -> tuple[str, ...]:
    from iobound import pipeline

    return tuple(sorted({*pipeline.formats(), *OWN_FORMATS}))


def _path(path: str, config: pytest.Config) -> str:
    """From the directory that pytest was called in, which a test may leave."""
    return os.path.join(config.invocation_params.dir, path)


def _require_apart(wishes: Sequence[ReportWish]) -> None:
    seen: set[str] = set()
    for wish in wishes:
        if wish.path is not None:
            real = os.path.realpath(wish.path)
            if real in seen:
                raise UsageError(f"{wish.path} would be written over", hint="give every report a file of its own")
            seen.add(real)
