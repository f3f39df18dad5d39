"""From bytes, in which syntax trees count, to characters."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from iobound.verbs.scan.syntax.sources import Source

_LONG_LINE = 1000  # characters; for one that is longer, bytes are not decoded again for each place in it


class Columns:
    """Columns of one file.

    Example:
        >>> Columns(Source(("é = get(x)",))).characters(1, 5)
        4
    """

    def __init__(self, source: Source) -> None:
        self._lines = source.lines
        self._ends: dict[int, list[int]] = {}  # of each character of a long line, in bytes

    def characters(self, line: int, column: int) -> int:
        """The column in characters of an offset in UTF-8 bytes."""
        text = self._lines[line - 1] if 1 <= line <= len(self._lines) else ""
        if text.isascii():  # which a string knows of itself
            return column
        if len(text) <= _LONG_LINE:
            return len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
        if line not in self._ends:
            self._ends[line] = list(accumulate(len(each.encode("utf-8", "surrogatepass")) for each in text))
        return bisect_right(self._ends[line], column)
