"""From blocks to lines that fit: the only place that counts columns.

Everything that is written passes `Layout.say`, which makes it harmless and, where asked for, ASCII.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from iobound.verbs.report import harmless
from iobound.verbs.report.blocks import Block, Cell, Code, Column, Line, Page, Prose, Role, Section, Span, Table
from iobound.verbs.report.style import TextStyle

_ASCII = str.maketrans(
    {
        "×": "x",
        "µ": "u",
        "·": "|",
        "→": "->",
        "…": "~",
        "≥": ">=",
        "≤": "<=",
        "≈": "~",
        "–": "-",
        "—": "-",
        "’": "'",
        "“": '"',
        "”": '"',
        "−": "-",
        "•": "*",
    }
)
_GAP = 2
_INDENT = 2
_NARROWEST_BAR = 6

BAR = "█#"
"""What bars are drawn with, in Unicode and in ASCII."""


def width_of(text: str) -> int:
    """Columns that the text takes on a screen.

    Example:
        >>> width_of("abc"), width_of("日本")
        (3, 4)
    """
    return len(text) if text.isascii() else sum(_columns_of(character) for character in text)


@lru_cache(maxsize=4096)
def _columns_of(character: str) -> int:
    import unicodedata  # ASCII does without

    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def ascii_only(text: str) -> str:
    """The text for screens without Unicode: our own signs spelled, other letters as question marks, like `ls`.

    Example:
        >>> ascii_only("1.9 × in größe.py")
        '1.9 x in gr??e.py'
    """
    return text if text.isascii() else text.translate(_ASCII).encode("ascii", "replace").decode("ascii")


def fitted(text: str, columns: int, *, tail: bool = False) -> str:
    """The text with its middle, or all but its tail, left out so that it takes no more than so many columns."""
    shorten = harmless.tail_of if tail else harmless.shortened
    for limit in range(columns, -1, -1):
        if width_of(text) <= columns:
            break
        text = shorten(text, limit)
    return text


class Layout:
    """Lays blocks out for one style."""

    def __init__(self, style: TextStyle) -> None:
        self.style = style

    def page(self, page: Page) -> Iterator[Line]:
        """All lines of a report but the headline."""
        for prose in page.run:
            yield from self.block(prose)
        for section in page.sections:
            yield ()
            yield from self.section(section)

    def headline(self, page: Page, columns: int) -> Iterator[Line]:
        """The answer; for a log each on one line, however long."""
        for prose in page.headline:
            yield from self._prose(prose, None if self.style.plain else columns)

    def section(self, section: Section) -> Iterator[Line]:
        """Title and blocks."""
        title = Span(self.say(section.title), Role.TITLE)
        remark = self.say(f"({section.remark})") if section.remark else ""
        if width_of(title.text) + _GAP + width_of(remark) <= self.style.columns:
            yield (title, Span(" " * _GAP), Span(remark, Role.FAINT)) if remark else (title,)
        else:
            yield (title,)
            yield from self._prose(Prose(remark, role=Role.FAINT), self.style.columns)
        for block in section.blocks:
            yield from self.block(block)

    def block(self, block: Block) -> Iterator[Line]:
        """Lines of one block."""
        if isinstance(block, Table):
            yield from self._table(block)
        elif isinstance(block, Prose):
            yield from self._prose(block, self.style.columns)
        else:
            yield from self._code(block)

    def say(self, text: str, limit: int = harmless.LONGEST) -> str:
        """The text as it may be written: harmless, and ASCII where the style has no Unicode."""
        text = harmless.inline(text, limit)
        return text if self.style.unicode else ascii_only(text)

    def _code(self, code: Code) -> Iterator[Line]:
        for line in harmless.code_lines(code.text):
            yield (Span(" " * code.indent + self.say(line), Role.STRONG),)

    def _prose(self, prose: Prose, columns: int | None) -> Iterator[Line]:
        label = self.say(prose.label)
        if columns is not None:
            label = self._fit(label, columns // 2)
        hanging = prose.indent + (max(width_of(label), prose.label_width) + _GAP if label else 0)
        text = self.say(prose.text)
        lines = [text] if columns is None else list(wrapped(text, columns - hanging))
        for number, line in enumerate(lines):
            if number or not label:
                yield (Span(" " * hanging), Span(line, prose.role))
            else:
                padding = " " * (hanging - prose.indent - width_of(label))
                yield (Span(" " * prose.indent), Span(label, prose.label_role), Span(padding), Span(line, prose.role))

    def _table(self, table: Table) -> Iterator[Line]:
        columns, rows = self._fitting(table)
        widths = self._widths(columns, rows)
        if any(column.head for column in columns):
            heads = [Cell(column.head, Role.FAINT) for column in columns]
            yield self._row(columns, heads, widths)
        for row in rows:
            yield self._row(columns, row, widths)
        if table.more:
            yield (Span(" " * _INDENT), Span(self.say(table.more), Role.FAINT))

    def _fitting(self, table: Table) -> tuple[list[Column], list[list[Cell]]]:
        """The table without the columns that find no place even when everything is squeezed."""
        columns = [self._said_column(column) for column in table.columns]
        rows = [[cell._replace(text=self.say(cell.text)) for cell in row] for row in table.rows]
        while self._least_width(columns, rows) > self._room and any(column.rank for column in columns):
            gone = max(range(len(columns)), key=lambda index: columns[index].rank)
            del columns[gone]
            for row in rows:
                del row[gone]
        return columns, rows

    def _said_column(self, column: Column) -> Column:
        return column._replace(head=self.say(column.head))

    @property
    def _room(self) -> int:
        return self.style.columns - _INDENT

    def _natural(self, column: Column, cells: Iterable[Cell]) -> int:
        if column.wide:
            return column.wide
        return max([width_of(column.head), *(width_of(cell.text) for cell in cells)])

    def _least(self, column: Column, natural: int) -> int:
        if column.wide:
            return min(_NARROWEST_BAR, natural)
        return min(natural, max(column.least, width_of(column.head))) if column.least else natural

    def _least_width(self, columns: list[Column], rows: list[list[Cell]]) -> int:
        least = (
            self._least(column, self._natural(column, (row[index] for row in rows)))
            for index, column in enumerate(columns)
        )
        return sum(least) + _GAP * (len(columns) - 1)

    def _widths(self, columns: list[Column], rows: list[list[Cell]]) -> list[int]:
        """Natural widths, with what is too much taken from the widest columns that can be squeezed."""
        widths = [self._natural(column, (row[index] for row in rows)) for index, column in enumerate(columns)]
        least = [self._least(column, width) for column, width in zip(columns, widths, strict=True)]
        over = sum(widths) + _GAP * (len(columns) - 1) - self._room
        while over > 0:
            spare = [width - limit for width, limit in zip(widths, least, strict=True)]
            if max(spare) <= 0:
                break
            widths[max((index for index in range(len(widths)) if spare[index] > 0), key=widths.__getitem__)] -= 1
            over -= 1
        return widths

    def _row(self, columns: list[Column], cells: list[Cell], widths: list[int]) -> Line:
        spans: list[Span] = []
        for index, (column, cell, width) in enumerate(zip(columns, cells, widths, strict=True)):
            spans.append(Span(" " * (_GAP if index else _INDENT)))
            text = (
                self._bar(cell.bar, width)
                if cell.bar is not None
                else self._fit(cell.text, width, cell.tail or column.tail)
            )
            padding = " " * (width - width_of(text))
            if column.right:
                spans += [Span(padding), Span(text, cell.role)]
            elif index == len(columns) - 1:
                spans.append(Span(text, cell.role))
            else:
                spans += [Span(text, cell.role), Span(padding)]
        return tuple(spans)

    def _fit(self, text: str, columns: int, tail: bool = False) -> str:
        text = fitted(text, columns, tail=tail)
        return text if self.style.unicode else ascii_only(text)

    def _bar(self, fraction: float, width: int) -> str:
        """At least a trace for something, full only for the whole."""
        if fraction <= 0:
            return ""
        length = max(1, min(round(fraction * width), width if fraction >= 1 else width - 1))
        return BAR[0 if self.style.unicode else 1] * length


def wrapped(text: str, columns: int) -> Iterator[str]:
    """The text broken between words into lines of at most so many columns; longer words are broken anywhere.

    Example:
        >>> list(wrapped("to be or not to be", 8))
        ['to be or', 'not to', 'be']
    """
    columns = max(1, columns)
    line = ""
    for word in text.split(" "):
        if line and width_of(line) + 1 + width_of(word) > columns:
            yield line
            line = ""
        else:
            word = f"{line} {word}" if line else word
        while width_of(word) > columns:
            head = _head(word, columns)
            yield head
            word = word[len(head) :]
        line = word
    yield line


def _head(word: str, columns: int) -> str:
    if word.isascii():
        return word[:columns]
    taken = 0
    for index, character in enumerate(word):
        taken += _columns_of(character)
        if taken > columns and index:
            return word[:index]
    return word
