"""Source files as text and trees: decoding, parsing, and parsing only the function that is asked for."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from typing import NamedTuple

LARGEST_BYTES = 2_000_000
"""Larger files are data or generated code; they are not parsed."""

TEXT_LIMIT = 160
"""Characters of source that are kept of a line or an expression."""

_CLOSERS = (")", "]", "}")


class Source(NamedTuple):
    """Decoded text of one file, line by line as the parser counts them (`lines[0]` is line 1)."""

    lines: tuple[str, ...]

    def line(self, number: int) -> str:
        """One line by its 1-based number, without surrounding space and shortened; empty when there is none."""
        return shorten(self.lines[number - 1]) if 1 <= number <= len(self.lines) else ""

    def slice(self, node: ast.AST) -> str:
        """The text of a node on one line, shortened."""
        return shorten(self.between(position_of(node)))

    def between(self, position: tuple[int, int, int, int]) -> str:
        """The text between two positions (1-based lines, UTF-8 byte offsets), as written."""
        line, column, end_line, end_column = position
        if not 1 <= line <= end_line <= len(self.lines):
            return ""
        rows = [row.encode("utf-8", "surrogatepass") for row in self.lines[line - 1 : end_line]]
        rows[-1] = rows[-1][:end_column]
        rows[0] = rows[0][column:]
        return b"\n".join(rows).decode("utf-8", "replace")


def position_of(node: ast.AST) -> tuple[int, int, int, int]:
    """First line, byte offset, last line and byte offset after it."""
    line: int = getattr(node, "lineno", 0)
    column: int = getattr(node, "col_offset", 0)
    return line, column, getattr(node, "end_lineno", None) or line, getattr(node, "end_col_offset", None) or column


def shorten(text: str, limit: int = TEXT_LIMIT) -> str:
    """One line of at most `limit` characters.

    Example:
        >>> shorten("get(url,\\n    timeout=3)")
        'get(url, timeout=3)'
    """
    if len(text) > 20 * limit:
        text = text[: 20 * limit]
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def decode(data: bytes | None) -> Source | None:
    """Text of a source file, None when it is missing, too large or not decodable."""
    if data is None or len(data) > LARGEST_BYTES:
        return None
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, LookupError, ValueError):
        return None
    return Source(tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))


def parse(text: str) -> ast.Module | None:
    """Syntax tree of a text, None when this interpreter cannot parse it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parse_whole(source: Source) -> ast.Module | None:
    """Syntax tree of a file."""
    return parse("\n".join(source.lines))


def parse_block(source: Source, first_line: int) -> ast.Module | None:
    """Tree of the one statement that begins at a line, with its real line numbers and columns.

    A function is a small part of its file, and most files of a stack are libraries where nothing else is of interest.

    Returns:
        A module with the statement in it (below `if 1:` when it is indented), None when none begins there.
    """
    if not 1 <= first_line <= len(source.lines):
        return None
    block = _block(source.lines, first_line - 1)
    head = source.lines[first_line - 1]
    if head[:1] in (" ", "\t"):
        return parse("\n" * (first_line - 2) + "if 1:\n" + block) if first_line > 1 else None
    return parse("\n" * (first_line - 1) + block)


def _block(lines: tuple[str, ...], first: int) -> str:
    depth = _indent(lines[first])
    last = first + 1
    header = lines[first].lstrip().startswith("@")
    while last < len(lines):
        row = lines[last].strip()
        if row and not row.startswith("#") and _indent(lines[last]) <= depth and not row.startswith(_CLOSERS):
            if not header:
                break
            header = row.startswith("@")
        last += 1
    return "\n".join(lines[first:last])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def statement_start(source: Source, line: int) -> int:
    """Line at which the top-level statement around a line begins, as the indentation tells it."""
    while line > 1 and not _begins_statement(source.lines[line - 1]):
        line -= 1
    return line


def _begins_statement(line: str) -> bool:
    return bool(line) and line[0] not in " \t#)]}" and not re.match(r"(?:else|elif|except|finally)\b", line)


def parse_imports(source: Source) -> list[ast.stmt]:
    """The import statements of a file without parsing the rest; those that span lines oddly are left out."""
    texts = [
        _joined(source.lines, number)
        for number, line in enumerate(source.lines)
        if line.lstrip().startswith(("import ", "from "))
    ]
    together = parse("\n".join(texts))
    trees = [together] if together is not None else [tree for text in texts if (tree := parse(text)) is not None]
    return [node for tree in trees for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]


def _joined(lines: tuple[str, ...], number: int) -> str:
    text = lines[number].strip()
    if "(" in text and ")" not in text:
        return " ".join(_until_closed(lines, number))
    if text.endswith("\\"):
        return text[:-1] + " " + "".join(lines[number + 1 : number + 2]).strip()
    return text


def _until_closed(lines: tuple[str, ...], first: int, longest: int = 200) -> list[str]:
    rows: list[str] = []
    for row in lines[first : first + longest]:
        rows.append(row.partition("#")[0].strip())
        if ")" in row:
            break
    return rows
