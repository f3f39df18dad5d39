"""Bytes that are no Python, or hardly: each has a tree, or a reason and a place."""

from __future__ import annotations

import ast
import subprocess
import sys
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.verbs.scan.syntax.sources import (
    Source,
    Unparsable,
    decode,
    decode_or_why,
    parse,
    parse_or_why,
    parse_whole,
    source_of,
)


def read(data: bytes) -> ast.Module | Unparsable:
    source = decode_or_why(data)
    return parse_or_why("\n".join(source.lines)) if isinstance(source, Source) else source


READABLE = {
    "nothing": b"",
    "a BOM": b"\xef\xbb\xbfx = 1\n",
    "a BOM and a cookie": b"\xef\xbb\xbf# coding: utf-8\nx = 1\n",
    "latin-1": b"#!/bin/x\n# -*- coding: latin-1 -*-\nx = '\xe9'\n",
    "a cookie in the third line": b"#\n#\n# coding: no-such\n",
    "form feeds": b"\x0cx = 1\n\x0c\ndef f():\n    pass\n",
    "old ends of lines": b"x = 1\ry = 2\r",
    "ends of lines of every kind": b"x = 1\r\ny = 2\rz = 3\n",
    "separators of Unicode": "x = '\u2028\x85\x1c'\n".encode(),
    "no end": b"x = 1",
    "escapes that are wrong": b"x = '\\d'\n",
}

UNREADABLE = {
    "Python 2": (b'import os\nprint "x"\n', 2, 0, "print"),
    "an exception of Python 2": (b"def f():\n    raise A, 'b'\n", 2, None, ""),
    "an unknown cookie": (b"# coding: no-such\n", 1, 0, "no-such"),
    "a cookie that is no text": (b"# coding: rot13\n", 1, 0, "rot13"),
    "a slow codec": (b"# coding: idna\n" + b"x" * 100_000, 1, 0, "idna"),
    "a cookie against the BOM": (b"\xef\xbb\xbf# coding: latin-1\n", 1, 0, "utf-8"),
    "a wrong cookie": (b"# coding: ascii\nx = '\xc3\xa9'\n", 2, 5, "0xc3"),
    "a missing cookie": (b"# \xc3\xa9\r\nx = '\xc3\xa9', '\xe9'\n", 2, 10, "0xe9"),
    "UTF-16": (b"\xff\xfex\0", 1, 0, "0xff"),
    "NUL": ("é = 1\rx\0y\n".encode(), 2, 1, "NUL"),
    "half a character": (b'# coding: utf-7\nx = "+2AA-"\n', 2, 5, "U+D800"),
    "a column after letters": ("é = 'é' $\n".encode(), 1, 8, ""),
    "an end in a string": (b'\n"""a\n', 2, 0, "triple-quoted"),
    "an end in brackets": (b"x = (\n", 1, 4, "never closed"),
    "an end in a block": (b"if x:", 1, None, "indented block"),
    "a wrong indentation": (b"  x\n", 1, None, "indent"),
    "tabs and spaces": (b"if x:\n\ty\n        z\n", 3, None, ""),
    "a long number": (b"x = 1" + b"0" * 5000, 1, None, "digits"),
    "too large": (b"#" * 10_000_001, 1, 0, "10 MB"),
}

DEEP = {
    "parentheses": "(" * 10_000 + ")" * 10_000,
    "signs": "-" * 10_000 + "1",
    "lambdas": "lambda:" * 10_000 + "1",
    "attributes": "a" + ".b" * 10_000,
    "calls": "a" + "()" * 10_000,
    "sums": "1" + "+1" * 10_000,
    "powers": "1" + "**1" * 10_000,
    "conditions": "1" + " if 1 else 1" * 10_000,
    "elif": "if 1:\n pass\n" + "elif 1:\n pass\n" * 10_000,
    "blocks": "".join(" " * depth + "if 1:\n" for depth in range(10_000)) + " " * 10_000 + "pass",
}


@pytest.mark.parametrize("data", READABLE.values(), ids=READABLE.keys())
def test_it_has_a_tree(data: bytes) -> None:
    """Whatever Python itself takes."""
    tree = read(data)
    assert isinstance(tree, ast.Module)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert ast.dump(tree) == ast.dump(ast.parse(data))


@pytest.mark.parametrize(("data", "line", "column", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_it_has_a_reason_and_a_place(data: bytes, line: int, column: int | None, reason: str) -> None:
    """In characters, within the file."""
    why = read(data)
    assert isinstance(why, Unparsable)
    assert why.line == line
    assert column is None or why.column == column
    assert reason in why.reason
    assert why.reason.isprintable()


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_deep_nesting_is_told(text: str) -> None:
    """In another process, which survives it."""
    code = (
        "import sys; from iobound.verbs.scan.syntax.sources import parse_or_why\n"
        "print(type(parse_or_why(sys.stdin.read())).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("Unparsable", "Module")  # later parsers have more room


def test_those_who_want_no_reason_get_none() -> None:
    """As before."""
    assert decode(None) is None
    assert decode(b"\xff") is None
    assert decode(b"#" * 2_000_001) is None
    assert parse("x =") is None
    assert parse_whole(source_of("x = 1")) is not None


def test_spans_count_characters() -> None:
    """The parser counts bytes of UTF-8."""
    source = source_of("'😀é', get(\n'ü', x)")
    tree = parse_whole(source)
    assert tree is not None
    (call,) = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert source.span(call) == (1, 6, 2, 7)


def test_a_place_that_is_not_there_has_the_nearest_column() -> None:
    """Beyond the end, before the beginning, in the midst of a character."""
    source = source_of("aé")
    assert [source.column(1, offset) for offset in (-1, 0, 1, 2, 3, 99)] == [0, 0, 1, 1, 2, 2]
    assert source.column(7, 3) == 0


@given(st.text(), st.integers(min_value=0))
def test_columns_count_characters(text: str, at: int) -> None:
    """For any text and any place in its first line."""
    source = source_of(text)
    row = source.lines[0]
    at = at % (len(row) + 1)
    assert source.column(1, len(row[:at].encode("utf-8", "surrogatepass"))) == at


@given(st.binary())
def test_any_bytes_have_a_tree_or_a_reason(data: bytes) -> None:
    """Nothing is raised, and the place is in the file."""
    why = read(data)
    if isinstance(why, Unparsable):
        rows = source_of(data.decode("latin-1")).lines
        assert 1 <= why.line <= len(rows)
        assert why.column >= 0


@given(
    st.lists(
        st.sampled_from(["x", " ", "\n", "\r", "(", ")", '"', "'", "é", "\0", "\ud800", ":", "=", "\f", "#", "\\"])
    )
)
def test_any_text_has_a_tree_or_a_reason(parts: list[str]) -> None:
    """Lone surrogates too, as notebooks can have them."""
    text = "".join(parts)
    why = parse_or_why(text)
    if isinstance(why, Unparsable):
        rows = source_of(text).lines
        assert 0 <= why.column <= len(rows[why.line - 1])
