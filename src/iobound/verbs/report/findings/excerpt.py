"""A line of source with a gutter, and carets under the part that a finding speaks of."""

from __future__ import annotations

from collections.abc import Iterator

from iobound.model.finding import Finding
from iobound.verbs.report.blocks import Line, Role, Span
from iobound.verbs.report.layout import Layout, width_of

_TAB = "    "
_FAR = 1_000  # characters of source on each side that are looked at: no screen shows more
_BEFORE = 4  # of a line that is too long, a quarter of the room is for what stands before the marked part


def excerpt_lines(finding: Finding, layout: Layout, role: Role) -> Iterator[Line]:
    """The lines of the excerpt: a bare gutter, the source, the carets. Nothing when there is no source.

    Args:
        finding: Its span says what is marked; a span of several lines is marked to the end of its first.
        layout: Makes the source harmless and says how wide lines may be.
        role: How the carets look.
    """
    if not finding.excerpt.strip():
        return
    number = str(finding.line)
    gutter = " " * len(number)
    room = layout.style.columns - len(number) - len(" | ") - 1  # one for a caret behind the last character
    text, start, end = _window(*_pieces(finding, layout), room)
    text = layout.say(text)  # pieces that are harmless one by one may not be so together
    carets = "^" * max(1, width_of(text[start:end]))
    yield (Span(f"{gutter} |", Role.FAINT),)
    yield (Span(f"{number} |", Role.FAINT), Span(f" {text}"))
    yield (Span(f"{gutter} |", Role.FAINT), Span(f" {' ' * width_of(text[:start])}"), Span(carets, role))


def _pieces(finding: Finding, layout: Layout) -> tuple[str, int, int]:
    """The harmless line, and where in it the marked part starts and ends."""
    source = finding.excerpt.rstrip()
    start = min(finding.span.column, len(source))
    end = finding.span.end_column if finding.span.end_line == finding.line else len(source)
    end = max(start, min(end, len(source)))
    first, last = max(0, start - _FAR), min(end, start + _FAR)
    parts = (source[first:start], source[start:last], source[last : last + _FAR])
    before, marked, after = (layout.say(part.replace("\t", _TAB)) for part in parts)
    return before + marked + after, len(before), len(before) + len(marked)


def _window(text: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """What fits, with the marked part in view; `…` stands for what does not.

    Example:
        >>> _window("results.append(fetch(url, timeout=30))", 15, 36, 24)
        ('…ppend(fetch(url, timeo…', 7, 23)
    """
    if width_of(text) <= room:
        return text, start, end
    cut = 0
    if width_of(text[:end]) > room - 1:
        cut, used = start, 0
        while cut and (used := used + width_of(text[cut - 1])) <= room // _BEFORE:
            cut -= 1
    if cut:
        text, start, end = f"…{text[cut:]}", start - cut + 1, end - cut + 1
    if width_of(text) <= room:
        return text, start, end
    kept, used = 0, 0
    while (used := used + width_of(text[kept])) <= room - 1:
        kept += 1
    return f"{text[:kept]}…", start, min(end, kept)
