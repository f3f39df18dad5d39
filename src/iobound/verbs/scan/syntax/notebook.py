"""Jupyter notebooks as one source: the code of all cells, and which line is in which."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

from iobound.model.finding import Finding, Fix, Span
from iobound.verbs.scan.syntax.sources import MOST_BYTES, Source, Unparsable, shorten, source_of

_PYTHON_MAGICS = frozenset({"capture", "debug", "ipytest", "prun", "pypy", "python", "python3", "time", "timeit"})
"""Cell magics whose cell is Python."""

_LEXEME = re.compile(
    r"""(?P<comment>\#)|(?P<long>\"{3}|'{3})|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|(?P<open>[(\[{])|(?P<close>[)\]}])"""
)
_ASSIGNED = re.compile(r"(?P<target>\s*[\w.][\w.,\s*\[\]'\"]*=\s*)[!%](?!=)")


class Cell(NamedTuple):
    """A cell with code.

    Attributes:
        number: Among all cells of the notebook, from 1.
        first_line: Of it in the joined source.
        lines: How many it has there.
    """

    number: int
    first_line: int
    lines: int


class Notebook(NamedTuple):
    """The code of a notebook.

    Attributes:
        source: Of all cells, in their order; what only IPython understands is replaced, line by line.
        cells: Those that are in it.
    """

    source: Source
    cells: tuple[Cell, ...]

    def cell_at(self, line: int) -> Cell | None:
        """The cell that a line of the source is in, None when there is no code at all."""
        found = bisect_right(self.cells, line, key=lambda cell: cell.first_line) - 1
        return self.cells[max(found, 0)] if self.cells else None

    def place(self, span: Span) -> tuple[int | None, Span]:
        """The number of the cell that a span begins in, and the span there; one that leaves the cell ends with it."""
        cell = self.cell_at(span.line)
        if cell is None:
            return None, span
        before = cell.first_line - 1
        end = (cell.lines, len(self.source.lines[before + cell.lines - 1]))
        start = min((span.line - before, span.column), end)
        return cell.number, Span(*start, *min((span.end_line - before, span.end_column), end))

    def in_cell(self, finding: Finding) -> Finding:
        """A finding of the joined source, told of its cell.

        A fix that concerns several cells is left out; steps of its chain that are in the notebook keep their lines.
        """
        number, span = self.place(finding.span)
        edits = [(edit, *self.place(edit.span)) for edit in finding.fix.edits] if finding.fix else []
        fix = None
        if finding.fix is not None and all(cell == number for _, cell, _ in edits):
            moved = tuple(edit._replace(span=place) for edit, _, place in edits)
            fix = Fix(finding.fix.title, moved, finding.fix.safe)
        return finding._replace(span=span, cell=number, fix=fix)


def read_notebook(data: bytes, *, most_bytes: int = MOST_BYTES) -> Notebook | Unparsable:
    """Take the code out of a notebook.

    Args:
        data: JSON of nbformat 3 or 4.
        most_bytes: Above this it is not read.

    Returns:
        Its code, empty when it is in another language; or why it cannot be read, with the place in the JSON.
    """
    if len(data) > most_bytes:
        return Unparsable(1, 0, f"larger than {most_bytes // 1_000_000} MB, and not read")
    try:
        document = json.loads(data)
    except json.JSONDecodeError as error:
        return Unparsable(error.lineno, error.colno - 1, f"not JSON, as a notebook is: {error.msg}")
    except UnicodeDecodeError as error:
        return Unparsable(1, 0, f"byte 0x{data[error.start]:02x} is not {error.encoding}")
    except RecursionError:
        return Unparsable(1, 0, "its JSON is nested too deeply")
    except ValueError as error:
        return Unparsable(1, 0, f"not JSON, as a notebook is: {shorten(str(error)).partition(';')[0]}")
    cells = _cells(document) if isinstance(document, dict) else None
    if cells is None:
        return Unparsable(1, 0, "no notebook: it has no cells")
    return _joined(cells if _is_python(document) else [])


def _cells(document: dict[str, Any]) -> list[Any] | None:
    sheets = document.get("worksheets")  # nbformat 3
    if isinstance(sheets, list):
        found = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        return [cell for cells in found if isinstance(cells, list) for cell in cells]
    cells = document.get("cells")
    return cells if isinstance(cells, list) else None


def _is_python(document: dict[str, Any]) -> bool:
    """Whether the kernel is; one that is not named is taken for it."""
    metadata = document.get("metadata")
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        about = metadata.get(key) if isinstance(metadata, dict) else None
        language = about.get(name) if isinstance(about, dict) else None
        if isinstance(language, str):
            return "python" in language.lower()
    return True


def _joined(cells: list[Any]) -> Notebook:
    rows: list[str] = []
    found: list[Cell] = []
    for number, cell in enumerate(cells, 1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            lines = _python_of(_text_of(cell))
            found.append(Cell(number, len(rows) + 1, len(lines)))
            rows += lines
    return Notebook(Source((*rows, "")), tuple(found))


def _text_of(cell: dict[str, Any]) -> str:
    text = cell.get("source", cell.get("input", ""))
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""


def _python_of(text: str) -> list[str]:
    """The lines of a cell, each of those that only IPython understands replaced by one that does nothing."""
    rows = list(source_of(text).lines)
    first = next((number for number, row in enumerate(rows) if row.strip()), 0)
    if (head := rows[first].lstrip()).startswith("%%"):
        magic, *_ = head[2:].split() or [""]
        if magic not in _PYTHON_MAGICS:
            return [""] * len(rows)
        rows[first] = ""
    starts = set(_starts(rows))
    continued = False
    for number, row in enumerate(rows):
        if continued:
            continued = row.endswith("\\")
            rows[number] = ""
        elif number in starts and (plain := _without_magic(row)) is not None:
            continued = row.endswith("\\")
            rows[number] = plain
    return rows


def _without_magic(row: str) -> str | None:
    """What takes the place of a line that begins a statement and is no Python, None of one that may be."""
    bare = row.lstrip()
    indent = row[: len(row) - len(bare)]
    if bare.startswith(("%", "!", "?", "/", ",", ";")):
        return f"{indent}pass"
    if (found := _ASSIGNED.match(row)) is not None:
        return f"{found['target']}None"
    if bare.rstrip().endswith("?") and "#" not in bare:
        return f"{indent}pass"
    return None


def _starts(rows: list[str]) -> Iterator[int]:
    """Lines that begin a statement: not inside of brackets or a string, nor after a backslash."""
    depth = 0
    quote = ""
    joined = False
    for number, row in enumerate(rows):
        if not depth and not quote and not joined:
            yield number
            if _without_magic(row) is not None:
                continue  # its brackets and quotes are none of Python
        joined = row.endswith("\\")
        at = 0
        while at < len(row):
            if quote:
                end = _end_of_string(row, at, quote)
                if end < 0:
                    break
                quote, at = "", end
                continue
            found = _LEXEME.search(row, at)
            if found is None:
                break
            if found["comment"]:
                joined = False
                break
            quote, at = found["long"] or "", found.end()
            depth = max(depth + bool(found["open"]) - bool(found["close"]), 0)


def _end_of_string(row: str, at: int, quote: str) -> int:
    while at < len(row):
        if row[at] == "\\":
            at += 2
        elif row.startswith(quote, at):
            return at + len(quote)
        else:
            at += 1
    return -1
