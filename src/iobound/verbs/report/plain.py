"""Lines without colour, for pipes, logs and `NO_COLOR`: needs nothing but the standard library."""

from __future__ import annotations

from collections.abc import Iterable

from iobound.verbs.report import harmless
from iobound.verbs.report.blocks import Line, Page
from iobound.verbs.report.layout import Layout
from iobound.verbs.report.style import TextStyle


def render(page: Page, style: TextStyle) -> str:
    """The page as lines of text, each ended by a line feed."""
    layout = Layout(style)
    return text_of([*layout.headline(page, style.columns), (), *layout.page(page)])


def text_of(lines: Iterable[Line]) -> str:
    """The bare text of finished lines."""
    return "".join(f"{harmless.guarded(''.join(span.text for span in line)).rstrip()}\n" for line in lines)
