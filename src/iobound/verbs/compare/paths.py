"""How expressions ask for one item of a list of a comparison: by its name, and by more where others are called so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from iobound.model.comparison import FindingChange, WaitChange
from iobound.model.gate import quoted, word

LONGEST = 1_000
"""Characters of a path; where its names are longer, an item is asked for by its place in the list."""

_Member = tuple[str, Callable[[Any], str | None]]

_OF_WAITS: tuple[_Member, ...] = (
    ("", lambda wait: wait.target or None),
    ("state", lambda wait: wait.state),
    ("target", lambda wait: wait.target),
    ("function", lambda wait: wait.function),
    ("file", lambda wait: wait.file or None),  # null in the document, where it is empty
)
_OF_FINDINGS: tuple[_Member, ...] = (
    ("", lambda finding: finding.rule),
    ("change", lambda finding: finding.presence.value),
    ("file", lambda finding: finding.file),
    ("function", lambda finding: finding.function),
    ("line", lambda finding: None if finding.line is None else str(finding.line)),
)


def wait_path(wait: WaitChange, waits: Sequence[WaitChange]) -> str:
    """How one of the waits is asked for: by its target, or its state where it has none."""
    return _path("waits", wait, waits, _OF_WAITS)


def finding_path(finding: FindingChange, findings: Sequence[FindingChange]) -> str:
    """How one of the findings is asked for: by its rule."""
    return _path("findings", finding, findings, _OF_FINDINGS)


def _path(name: str, item: object, items: Sequence[object], members: Sequence[_Member]) -> str:
    alike, brackets = list(items), ""
    for key, of in members:
        wanted = of(item)
        fewer = [each for each in alike if of(each) == wanted]
        if wanted is None or (brackets and len(fewer) == len(alike)):
            continue
        alike = fewer
        brackets += f"[{_text(key, wanted)}]"
    if len(alike) > 1:
        brackets += f"[{_at(item, alike)}]"
    return f"{name}{brackets}" if len(brackets) <= LONGEST else f"{name}[{_at(item, items)}]"


def _text(key: str, wanted: str) -> str:
    if not key:
        return wanted if wanted.isalnum() and wanted.isascii() and wanted.isupper() else quoted(wanted, star=True)
    return f"{key}={word(wanted) if '*' not in wanted else quoted(wanted, star=True)}"


def _at(item: object, items: Sequence[object]) -> int:
    return next(number for number, each in enumerate(items) if each is item)
