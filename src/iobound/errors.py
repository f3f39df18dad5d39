"""Everything that iobound itself can say went wrong.

IoboundError                 exit 1
├── UsageError               exit 2   what was asked for cannot be done as asked
│   ├── TargetNotFound
│   ├── UnknownFormat
│   └── UnreadableRecording
├── LawBroken                exit 70  a number contradicts another: a defect of ours
└── ObservationLost          exit 1   the target ran, but nothing of it could be observed

Losing a source of facts is not an error but a missing capability, shown in the report.
"""

from __future__ import annotations


class IoboundError(Exception):
    """A problem that is told to the user in one line, with the next step as a hint.

    Args:
        message: What is wrong; holds the offending value.
        hint: What to do about it, or None.
        excerpt: Lines that show where it is wrong, to stand between the two; printable characters only.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None, excerpt: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.excerpt = excerpt


class UsageError(IoboundError):
    """The command line or a file named on it cannot be used."""

    exit_code = 2


class TargetNotFound(UsageError):
    """There is no such script, module or callable."""


class UnknownFormat(UsageError):
    """A report format that does not exist was asked for."""


class UnreadableRecording(UsageError):
    """The file is no recording, or one that this version cannot read."""


class LawBroken(IoboundError):
    """Two numbers that must agree do not: a defect of iobound, never of the target."""

    exit_code = 70


class ObservationLost(IoboundError):
    """The target ran, but nothing of it was observed."""
