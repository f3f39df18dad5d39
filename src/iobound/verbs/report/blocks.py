"""What a text report consists of, before it is known how wide it is and whether it has colour."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple


class Role(Enum):
    """What a piece of text is, so that a printer can choose how it looks."""

    BODY = auto()
    TITLE = auto()
    LABEL = auto()
    STRONG = auto()
    FAINT = auto()
    GOOD = auto()
    BAD = auto()
    DOUBTFUL = auto()
    COMPUTING = auto()
    WAITING = auto()
    QUEUEING = auto()
    RESTING = auto()


class Cell(NamedTuple):
    """One field of a table. With a `bar` it is drawn as long as that fraction of its column; `tail` as of a column.

    `interval` are the ends of the bar's interval, for printers that can draw it.
    """

    text: str
    role: Role = Role.BODY
    bar: float | None = None
    tail: bool = False
    interval: tuple[float, float] | None = None


class Column(NamedTuple):
    """How a column behaves.

    Attributes:
        right: Aligned to the right, for numbers.
        least: Columns of the screen that it may be squeezed to; 0 when it keeps its width.
        tail: Squeezed by leaving out the beginning, as paths want it, instead of the middle.
        rank: Left out first when the table is too wide: the highest rank goes first, 0 stays.
        wide: Columns that a bar would like.
    """

    head: str
    right: bool = False
    least: int = 0
    rank: int = 0
    wide: int = 0
    tail: bool = False


class Table(NamedTuple):
    """Rows of equal length under columns; `more` says what was left out below."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: str = ""


class Prose(NamedTuple):
    """A paragraph, with a label before it and the rest hanging under the first word."""

    text: str
    label: str = ""
    role: Role = Role.BODY
    indent: int = 2
    label_role: Role = Role.LABEL
    label_width: int = 0


class Code(NamedTuple):
    """Source to be copied: never wrapped."""

    text: str
    indent: int = 6


Block = Table | Prose | Code


class Section(NamedTuple):
    """A titled part of the report; `folded` where a page that can do so shows its title alone until it is asked."""

    title: str
    blocks: tuple[Block, ...]
    remark: str = ""
    folded: bool = False


class Page(NamedTuple):
    """The whole report: the answer in five lines, what was run, and everything that it rests on."""

    headline: tuple[Prose, ...]
    run: tuple[Prose, ...]
    sections: tuple[Section, ...] = ()


class Span(NamedTuple):
    """A piece of a finished line."""

    text: str
    role: Role = Role.BODY


Line = tuple[Span, ...]
