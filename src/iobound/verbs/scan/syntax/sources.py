"""Source files as text and trees: decoding, parsing, and parsing only the function that is asked for.

What cannot be decoded or parsed is told as an `Unparsable`; for those who have no use for the reason, as None.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from typing import NamedTuple

from iobound.model.finding import Span

MOST_BYTES = 10_000_000
"""Of a file that somebody named. A tree takes some forty times the size of its source."""

LARGEST_BYTES = 2_000_000
"""Of a file that a program happened to run; larger ones are data or generated code; they are not parsed."""

TEXT_LIMIT = 160
"""Characters of source that are kept of a line or an expression."""

_CLOSERS = (")", "]", "}")
_BOM = b"\xef\xbb\xbf"
_FIRST_TWO_LINES = re.compile(rb"[^\r\n]*(?:\r\n?|\n)?[^\r\n]*")
_MOST_BITS = 12_000  # 3,613 digits; from 4,300 on, `repr` raises ValueError
_LONG_LITERAL = re.compile(r"0[xXoObB][0-9a-fA-F_]{3000}")
_SLOW_CODECS = frozenset({"idna", "punycode"})
"""They take quadratic time, and nobody writes programs in them."""


class Unparsable(NamedTuple):
    """Why there is no tree, and where that shows.

    Attributes:
        line: From 1.
        column: In characters, from 0.
        reason: What is wrong, in one line without a full stop.
    """

    line: int
    column: int
    reason: str


TOO_DEEP = Unparsable(1, 0, "nested too deeply for this interpreter")
"""Of what the parser gives up, and of a tree that it makes but that no walk which calls itself comes through."""


class Source(NamedTuple):
    """Decoded text of one file, line by line as the parser counts them (`lines[0]` is line 1)."""

    lines: tuple[str, ...]

    def line(self, number: int) -> str:
        """One line by its 1-based number, without surrounding space and shortened; empty when there is none."""
        return shorten(self.lines[number - 1]) if 1 <= number <= len(self.lines) else ""

    def slice(self, node: ast.AST) -> str:
        """The text of a node on one line, shortened."""
        return shorten(self.between(position_of(node)))

    def column(self, line: int, offset: int) -> int:
        """The column in characters of a UTF-8 byte offset, such as `ast` has, or of the nearest place that there is.

        Example:
            >>> Source(("é = get(x)",)).column(1, 5)
            4
        """
        row = self.lines[line - 1] if 1 <= line <= len(self.lines) else ""
        if row.isascii():  # which a string knows of itself
            return min(max(offset, 0), len(row))
        return len(row.encode("utf-8", "surrogatepass")[: max(offset, 0)].decode("utf-8", "ignore"))

    def span(self, node: ast.AST) -> Span:
        """Where a node stands, in characters."""
        line, offset, end_line, end_offset = position_of(node)
        return Span(line, self.column(line, offset), end_line, self.column(end_line, end_offset))

    def between(self, position: tuple[int, int, int, int]) -> str:
        """The text between two positions (1-based lines, UTF-8 byte offsets), as written."""
        line, column, end_line, end_column = position
        if not 1 <= line <= end_line <= len(self.lines):
            return ""
        texts = list(self.lines[line - 1 : end_line])
        if texts[0].isascii() and texts[-1].isascii():  # lines can be long, and much can be asked of one
            texts[-1] = texts[-1][:end_column]
            texts[0] = texts[0][column:]
            return "\n".join(texts)
        rows = [row.encode("utf-8", "surrogatepass") for row in texts]
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
    found = None if data is None else decode_or_why(data, most_bytes=LARGEST_BYTES)
    return found if isinstance(found, Source) else None


def decode_or_why(data: bytes, *, most_bytes: int = MOST_BYTES) -> Source | Unparsable:
    """Text of a source file, by its BOM or its encoding comment, or why there is none.

    Args:
        data: The file's bytes, or more of them than `most_bytes`.
        most_bytes: Above this it is not read.
    """
    if len(data) > most_bytes:
        return Unparsable(1, 0, f"larger than {most_bytes // 1_000_000} MB, and not read")
    encoding = "utf-8"
    try:
        if data.startswith(_BOM) or b"coding" in _FIRST_TWO_LINES.match(data)[0]:  # type: ignore[index]
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode("utf-8") if encoding == "utf-8" else _decoded(data, encoding)
    except UnicodeDecodeError as error:
        return _undecodable(data, error)
    except (SyntaxError, LookupError, ValueError) as error:
        return Unparsable(1, 0, shorten(str(error).partition(";")[0]) or "its encoding is not known")
    return source_of(text)


def source_of(text: str) -> Source:
    """A text by lines: they end as the parser has it, not at everything that Unicode takes for the end of a line."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Source(tuple(text.split("\n")))


def _decoded(data: bytes, encoding: str) -> str:
    if encoding in _SLOW_CODECS:
        raise LookupError(f"nobody writes programs in {encoding}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return data.decode(encoding)


def _undecodable(data: bytes, error: UnicodeDecodeError) -> Unparsable:
    before = source_of(data[: error.start].decode(error.encoding, "replace")).lines
    at = error.start
    wrong = f"byte 0x{data[at]:02x} is" if at < len(data) else "its end is"
    return Unparsable(
        len(before), len(before[-1]), f"{wrong} not {error.encoding}; an encoding comment is missing or wrong"
    )


def parse(text: str) -> ast.Module | None:
    """Syntax tree of a text, None when this interpreter cannot parse it."""
    tree = parse_or_why(text)
    return tree if isinstance(tree, ast.Module) else None


def parse_or_why(text: str) -> ast.Module | Unparsable:
    """Syntax tree of a text, or why this interpreter finds none.

    The tree may be nested some 3,000 deep, as in `1 + 1 + 1 …`: a walk that calls itself must expect RecursionError.
    """
    if "\0" in text:  # CPython 3.13.0 may leave an error behind when it meets one, which shows up anywhere later
        return _unspeakable(text, ValueError("a NUL character"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        return (_endless_number(tree) if _LONG_LITERAL.search(text) else None) or tree
    except SyntaxError as error:
        return _misspelled(text, error)
    except (RecursionError, MemoryError):  # of which the parser says the second for too deep, too
        return TOO_DEEP
    except ValueError as error:
        return _unspeakable(text, error)


def _endless_number(tree: ast.Module) -> Unparsable | None:
    """A whole number that can be read, being hexadecimal, and that nobody can write down in decimal digits again."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value.bit_length() > _MOST_BITS:
            return Unparsable(node.lineno, 0, "a number with too many digits for this interpreter")
    return None


def _misspelled(text: str, error: SyntaxError) -> Unparsable:
    lines = source_of(text).lines
    line = min(max(error.lineno or 1, 1), len(lines))
    column = (error.offset or 1) - 1 if line == error.lineno else len(lines[line - 1])
    return Unparsable(line, min(max(column, 0), len(lines[line - 1])), shorten(error.msg or "it is no Python"))


def _unspeakable(text: str, error: ValueError) -> Unparsable:
    """Characters that no parser takes: NUL, and halves of a surrogate pair."""
    at = error.start if isinstance(error, UnicodeError) and hasattr(error, "start") else text.find("\0")
    if at < 0:
        return Unparsable(1, 0, shorten(str(error)))
    before = source_of(text[:at]).lines
    reason = "a NUL character" if text[at] == "\0" else f"U+{ord(text[at]):04X}, half of a character"
    return Unparsable(len(before), len(before[-1]), reason)


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
