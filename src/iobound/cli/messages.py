"""What is said on one line of standard error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iobound.model.diagnosis import Check


def one_line(text: str) -> str:
    """A message with what is not printable escaped: names of files may hold anything.

    Example:
        >>> one_line("there is no script a\\x1b[31m")
        'there is no script a\\\\x1b[31m'
    """
    shown = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
    return shown.replace("##", "# #")  # Azure Pipelines takes `##vso[…]` for a command wherever it stands


def failed_checks(checks: Iterable[Check]) -> list[str]:
    """A line for each gate that did not pass, in a form that scripts can rely on."""
    return [f"iobound: check failed: {one_line(check.text)}\n" for check in checks if not check.passed]


def unknown_checks(expressions: Iterable[str]) -> list[str]:
    """A line in the same form for each gate, where there is no report to hold it against."""
    why = "not measurable here: there is no report"
    return [f"iobound: check failed: {one_line(text.strip())}: {why}\n" for text in expressions]
