"""What is to be written, in which form, and where to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from iobound.errors import UnknownFormat, UsageError
from iobound.pipeline import ci
from iobound.verbs import store

if TYPE_CHECKING:
    from iobound.verbs.report import TextStyle


class ReportWish(NamedTuple):
    """One `--report FORMAT[:PATH]`; without a path the report goes to the command's own stream."""

    format: str
    path: str | None = None

    def require_possible(self, possible: Sequence[str] | None = None) -> None:
        """Raise `UsageError` when there is no such format or the path cannot be written: before a long run.

        Args:
            possible: Names of formats; those of runs unless others are given.
        """
        possible = formats() if possible is None else possible
        if self.format not in possible:
            raise UnknownFormat(f"no report format is called {self.format!r}", hint=f"formats: {', '.join(possible)}")
        if self.path is not None:
            store.require_writable(self.path)


TEXT = ReportWish("text")
"""What is reported when nothing else is asked for."""

LOG = ReportWish("log")
"""The same in a CI system, whose readers are in a hurry."""


def unasked(formats: Sequence[str] | None = None) -> ReportWish:
    """What is reported when nothing is asked for.

    Args:
        formats: Names of the formats that there are, of which the log may be none; those of runs unless given.
    """
    has_log = formats is None or LOG.format in formats
    return LOG if has_log and ci.here() is not None else TEXT


GITHUB = ReportWish("github")
"""Annotations on the command's own stream, which GitHub reads."""


def joined_by_ci(found: Sequence[ReportWish], *, unwanted: bool) -> bool:
    """Whether annotations join what people read while the command runs.

    Args:
        found: What is reported.
        unwanted: Whether `--no-ci` was given.
    """
    return not unwanted and _takes_commands() and any(wish in (TEXT, LOG) for wish in found)


def summed_up_by_ci(found: Sequence[ReportWish], *, unwanted: bool) -> bool:
    """Whether the summary of the step does: beside annotations that were asked for, too, for there are few of those.

    Args:
        found: What is reported.
        unwanted: Whether `--no-ci` was given.
    """
    return not unwanted and _takes_commands() and any(wish in (TEXT, LOG, GITHUB) for wish in found)


def _takes_commands() -> bool:
    platform = ci.here()
    return platform is not None and platform.takes_workflow_commands


def wishes(given: Sequence[str] | None, formats: Sequence[str] | None = None) -> tuple[ReportWish, ...]:
    """What `--report` was given; where nothing was asked for the text report, in a CI system the log if there is one.

    Args:
        given: Each `FORMAT[:PATH]`.
        formats: Names of the formats that there are; those of runs unless others are given.

    Raises:
        UsageError: A format is unknown or a path cannot be written.
    """
    if not given:
        return (unasked(formats),)
    found = []
    for text in given:
        format_, separator, path = text.partition(":")
        if separator and not path:
            raise UsageError(f"--report {text} names no file", hint=f"write --report {format_ or 'FORMAT'}:FILE")
        if path == "-":
            raise UsageError(
                f"--report {text} names no file",
                hint=f"--report {format_} writes where the command reports: `run` to standard error, others to output",
            )
        wish = ReportWish(format_, path or None)
        wish.require_possible(formats)
        found.append(wish)
    return tuple(found)


def formats() -> tuple[str, ...]:
    """Names of the report formats."""
    from iobound.verbs.report import FORMATS

    return tuple(sorted(FORMATS))


def style(
    *, width: int, colour: bool = False, unicode: bool = False, plain: bool = True, concise: bool = False
) -> TextStyle:
    """What the reader can be shown; see `report.TextStyle`."""
    from iobound.verbs.report import TextStyle

    return TextStyle(width=width, colour=colour, unicode=unicode, plain=plain, concise=concise)


def write(text: str, path: str) -> None:
    """Write a report to a file, whole or not at all."""
    store.write_whole(text, path)
