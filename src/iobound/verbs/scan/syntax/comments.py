"""Comments that silence findings: `# iobound: ignore[IOB201]`, `# iobound: skip-file`, `# noqa: IOB201`."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from typing import NamedTuple

from iobound.model.finding import Span
from iobound.verbs.scan.syntax.sources import Source

_DIRECTIVE = re.compile(
    r"#[ \t]*(?:iobound:[ \t]*(?P<word>ignore|skip-file)(?![\w-])(?:[ \t]*\[(?P<codes>[^\]#]*)\]|(?![ \t]*\[))"
    r"|noqa:[ \t]*(?P<noqa>[A-Z]+[0-9]+(?:[, \t]+[A-Z]+[0-9]+)*))",
    re.IGNORECASE,
)
_CODE = re.compile(r"[^\s,]+")
_WITHOUT_CODE = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING})


class Code(NamedTuple):
    """A rule's id, or what ids begin with, where it stands in a comment; in capitals."""

    text: str
    span: Span


class Ignore(NamedTuple):
    """A comment that silences findings.

    Attributes:
        codes: What it silences; none for everything.
        span: Of the directive, from its `#`.
        first_line: Of what it belongs to; a finding that begins there is silenced.
        last_line: Likewise.
        plain: Whether there is nothing else in the directive, so that it may go when its codes do: a `noqa` may
            speak to other tools.
    """

    codes: tuple[Code, ...]
    span: Span
    first_line: int
    last_line: int
    plain: bool = True


class Comments(NamedTuple):
    """What the comments of a file silence.

    Attributes:
        skip_file: Whether they silence everything.
    """

    ignores: tuple[Ignore, ...] = ()
    skip_file: bool = False


def may_silence(data: bytes) -> bool:
    """Whether a file can have such comments: most have none, and to find them costs more than to parse the file.

    Example:
        >>> may_silence(b"x = 1  # noqa: E501"), may_silence(b"x = 1  # NOQA: IOB201")
        (False, True)
    """
    lowered = data.lower()
    return b"iobound:" in lowered or (b"noqa:" in lowered and b"iob" in lowered)


def comments_in(source: Source) -> Comments:
    """Find the comments that silence something.

    A comment at the end of a statement belongs to all lines of it; one inside of brackets to its own line; one that has
    a line to itself to what follows, a statement or, inside of brackets, a line. What looks like a comment in a string
    is none. A `noqa` counts when it names rules of iobound.
    """
    text = "\n".join(source.lines)
    if not may_silence(text.encode("utf-8", "surrogatepass")):
        return Comments()
    ignores: list[Ignore] = []
    skips = False
    for line, column, comment, covered in _comments(text):
        for found in _DIRECTIVE.finditer(comment):
            if (found["word"] or "").lower() == "skip-file":
                skips = True
            elif (ignore := _ignore(found, line, column, covered)) is not None:
                ignores.append(ignore)
    return Comments(tuple(ignores), skips)


def _ignore(found: re.Match[str], line: int, column: int, covered: tuple[int, int]) -> Ignore | None:
    group = "noqa" if found["noqa"] is not None else "codes"
    span = Span(line, column + found.start(), line, column + found.end())
    written = found[group]
    if written is None:
        return Ignore((), span, *covered)
    start = column + found.start(group)
    codes = tuple(
        Code(code[0].upper(), Span(line, start + code.start(), line, start + code.end()))
        for code in _CODE.finditer(written)
    )
    if group == "codes":
        return Ignore(codes, span, *covered) if codes else None
    ours = tuple(code for code in codes if code.text.startswith("IOB"))
    return Ignore(ours, span, *covered, plain=len(ours) == len(codes)) if ours else None


def _comments(text: str) -> Iterator[tuple[int, int, str, tuple[int, int]]]:
    """Line, column and text of each comment, and the lines that it belongs to."""
    pending: list[tuple[int, int, str]] = []  # those with a line to themselves before a statement
    inside: list[tuple[int, int, str, bool]] = []  # those in the statement, and whether they have a line to themselves
    first = 0  # line of the statement, 0 between statements
    row = 0  # last line with a token that is no comment
    for kind, string, (line, column), (end_line, _) in _tokens(text):
        if kind == tokenize.COMMENT:
            if first:
                inside.append((line, column, string, line > row))
            else:
                pending.append((line, column, string))
        elif kind in (tokenize.NEWLINE, tokenize.ENDMARKER):
            first = first or line
            for at, start, comment in pending:
                yield at, start, comment, (first, max(row, first))
            for at, start, comment, alone in inside:
                if alone:
                    yield at, start, comment, (at + 1, at + 1)
                else:
                    yield at, start, comment, ((first, row) if at == row else (at, at))
            pending, inside, first = [], [], 0
        elif kind not in _WITHOUT_CODE:
            first = first or line
            row = end_line
    for at, start, comment in [*pending, *(each[:3] for each in inside)]:  # the source breaks off
        yield at, start, comment, (at, at)


Token = tuple[int, str, tuple[int, int], tuple[int, int]]


def _tokens(text: str) -> Iterator[Token]:
    """Tokens up to the first mistake; after it the comments of lines that hold nothing else than one, or no quotes."""
    reached = 0
    try:
        # Not beyond a NUL character: the tokenizer of 3.13.0 may then leave an error behind that shows up elsewhere.
        for token in tokenize.generate_tokens(io.StringIO(text.partition("\0")[0]).readline):
            reached = token.end[0]
            yield token.type, token.string, token.start, token.end
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass
    else:
        if "\0" not in text:
            return
    for number, row in enumerate(text.split("\n")[reached:], reached + 1):
        before, mark, comment = row.partition("#")
        if mark and not {"'", '"'} & set(before):
            end = (number, len(before))
            if before.strip():
                yield tokenize.OP, before, (number, 0), end
            yield tokenize.COMMENT, mark + comment, end, (number, len(row))
            yield tokenize.NEWLINE, "", (number, len(row)), (number, len(row))
