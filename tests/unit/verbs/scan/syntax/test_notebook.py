"""Notebooks: the code of their cells, without what only IPython understands."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.model.finding import Confidence, Edit, Finding, Fix, Severity, Span
from iobound.verbs.scan.syntax.notebook import Notebook, read_notebook
from iobound.verbs.scan.syntax.sources import Unparsable, parse_whole


def cell(*lines: str, kind: str = "code") -> dict[str, object]:
    text = "\n".join(lines)
    return {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}


def notebook(*cells: dict[str, object], **metadata: object) -> Notebook:
    found = read_notebook(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4}).encode())
    assert isinstance(found, Notebook)
    return found


def python_of(*lines: str) -> list[str]:
    found = notebook(cell(*lines))
    assert parse_whole(found.source) is not None
    assert found.cells[0].lines == len(lines)
    return list(found.source.lines[:-1])


def finding(*span: int, edits: tuple[Edit, ...] = ()) -> Finding:
    fix = Fix("Mend it", edits) if edits else None
    return Finding("IOB201", "a.ipynb", Span(*span), Severity.INFO, Confidence.LOW, "it waits", fix=fix)


def test_cells_of_code_are_joined() -> None:
    """Others are not in it, but are counted."""
    found = notebook(cell("# Title", kind="markdown"), cell("import time"), cell(), cell("time.sleep(1)", "x = 2"))
    assert found.source.lines == ("import time", "", "time.sleep(1)", "x = 2", "")
    assert [(each.number, each.first_line) for each in found.cells] == [(2, 1), (3, 2), (4, 3)]


def test_a_place_is_told_of_its_cell() -> None:
    """One that leaves the cell ends with it; one behind the end is at the end."""
    found = notebook(cell("import time"), cell("x", kind="raw"), cell("a = 1", "b = 22"), cell("c"))
    assert found.place(Span(1, 0, 1, 3)) == (1, (1, 0, 1, 3))
    assert found.place(Span(2, 0, 3, 4)) == (3, (1, 0, 2, 4))
    assert found.place(Span(3, 2, 4, 1)) == (3, (2, 2, 2, 6))
    assert found.place(Span(5, 0, 5, 0)) == (4, (1, 1, 1, 1))


def test_a_finding_is_told_of_its_cell() -> None:
    """With its fix, unless that reaches into another cell."""
    found = notebook(cell("a"), cell("b", "c"))
    near, far = Edit(Span(2, 0, 2, 1), "x"), Edit(Span(1, 0, 1, 1), "y")
    moved = found.in_cell(finding(3, 0, 3, 1, edits=(near,)))
    assert (moved.cell, moved.span) == (2, (2, 0, 2, 1))
    assert moved.fix is not None
    assert moved.fix.edits[0].span == (1, 0, 1, 1)
    assert found.in_cell(finding(3, 0, 3, 1, edits=(far, near))).fix is None


MAGICS = {
    "a line magic": (["%matplotlib inline", "x = 1"], ["pass", "x = 1"]),
    "a shell": (["!pip install a 'b", "x = 1"], ["pass", "x = 1"]),
    "in a block": (["if x:", "    !ls", "    %cd a", "y"], ["if x:", "    pass", "    pass", "y"]),
    "its result": (["a = !ls", "b, c = %env", "d['x'] = !ls ("], ["a = None", "b, c = None", "d['x'] = None"]),
    "help": (["?x", "x??", "x.y?", "z"], ["pass", "pass", "pass", "z"]),
    "calls without brackets": (["/f 1 2", ",f a", ";f a"], ["pass", "pass", "pass"]),
    "several lines": (["!ls \\", "  -l \\", "  (", "x"], ["pass", "", "", "x"]),
    "a timed cell": (["%%time", "x = 1"], ["", "x = 1"]),
    "a timed cell below an empty line": (["", "%%timeit -n 1", "x = 1"], ["", "", "x = 1"]),
    "another language": (["%%bash -s", "for x in *; do (", "done"], ["", "", ""]),
    "an operator": (["x = (1", "% 2)", "y = x \\", "% 2"], ["x = (1", "% 2)", "y = x \\", "% 2"]),
    "a string": (["'''", "%x", "!ls", "what?", "'''", "%y"], ["'''", "%x", "!ls", "what?", "'''", "pass"]),
    "a comment": (["x  # why?", "# (", "%y", "# don't", "!z"], ["x  # why?", "# (", "pass", "# don't", "pass"]),
    "quotes and brackets in strings": (["a = '(' + \"'\"", "!x", "b = r'\\'' '#'", "%y"], None),
    "no comparison": (["x = y != z", "x != y", "x %= 2"], ["x = y != z", "x != y", "x %= 2"]),
    "await at the top": (["await x", "async with y: pass"], ["await x", "async with y: pass"]),
}


@pytest.mark.parametrize(("lines", "expected"), MAGICS.values(), ids=MAGICS.keys())
def test_magic_is_replaced(lines: list[str], expected: list[str] | None) -> None:
    """Line by line, so that places stay."""
    got = python_of(*lines)
    if expected is not None:
        assert got == expected


def test_text_and_the_older_format() -> None:
    """A source may be one text; nbformat 3 has sheets, and `input` in place of `source`."""
    sheets = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["a\n", "b"]}]}]}
    for document in (sheets, {"cells": [{"cell_type": "code", "source": "a\r\nb"}]}):
        found = read_notebook(b"\xef\xbb\xbf" + json.dumps(document).encode())
        assert isinstance(found, Notebook)
        assert found.source.lines == ("a", "b", "")


def test_another_language_is_no_python() -> None:
    """Then there is nothing to look at, and nothing wrong either."""
    for metadata in ({"language_info": {"name": "julia"}}, {"kernelspec": {"language": "R"}}):
        assert notebook(cell("f(x) = 2x"), **metadata).cells == ()
    assert notebook(cell("x"), language_info={"name": "ipython"}).cells
    assert notebook().place(Span(1, 0, 1, 0)) == (None, (1, 0, 1, 0))


BROKEN = {
    "nothing": (b"", "JSON"),
    "no JSON": (b'{"cells": [\n  x]}', "JSON"),
    "no object": (b"[]", "no cells"),
    "no cells": (b"{}", "no cells"),
    "cells that are none": (b'{"cells": 5}', "no cells"),
    "no text": (b'{"cells": ["\xff"]}', "0xff"),
    "nested": (b'{"cells": ' + b"[" * 100_000, "nested"),
    "a long number": (b'{"cells": 1' + b"0" * 5000 + b"}", "JSON"),
    "too large": (b" " * 10_000_001, "10 MB"),
}


@pytest.mark.parametrize(("data", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_notebook_has_a_reason(data: bytes, reason: str) -> None:
    """With the place in the file."""
    why = read_notebook(data)
    assert isinstance(why, Unparsable)
    assert reason in why.reason
    assert why.line == (2 if data.endswith(b"x]}") else 1)


def test_odd_cells_are_passed_over() -> None:
    """What is no cell, has no source, or one that is no text."""
    odd = [
        5,
        None,
        {},
        {"cell_type": "code"},
        {"cell_type": "code", "source": [1, "a"]},
        {"cell_type": "code", "source": 5},
    ]
    found = read_notebook(json.dumps({"cells": odd, "metadata": []}).encode())
    assert isinstance(found, Notebook)
    assert found.source.lines == ("", "a", "", "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["cells", "source", "cell_type", "metadata"]), inner)
    ),
)


@given(JSON)
def test_any_json_is_a_notebook_or_has_a_reason(document: object) -> None:
    """Nothing is raised."""
    assert isinstance(read_notebook(json.dumps(document).encode()), Notebook | Unparsable)


PIECES = ["x", " ", "%a", "!b", "?", "'", '"""', "(", ")", "\\", "=", "#", "%%bash", "%%time"]


@given(st.lists(st.lists(st.lists(st.sampled_from(PIECES)).map("".join), max_size=4), max_size=3))
def test_lines_stay_where_they_are(cells: list[list[str]]) -> None:
    """Whatever is in the cells: each line of the source belongs to one of them."""
    found = notebook(*({"cell_type": "code", "source": "\n".join(lines)} for lines in cells))
    at = 1
    for each, lines in zip(found.cells, cells, strict=True):
        assert (each.first_line, each.lines) == (at, max(len(lines), 1))
        at += each.lines
    assert len(found.source.lines) == at


@given(st.lists(st.sampled_from(["x = 1", "f(", ")", "'''", "a % b", "if x:", "  y", "# it's", "z = 'it''s'"])))
def test_python_is_left_alone(lines: list[str]) -> None:
    """What parses without IPython is not touched."""
    text = "\n".join(lines)
    try:
        ast.parse(text)
    except SyntaxError:
        return
    assert "\n".join(notebook({"cell_type": "code", "source": text}).source.lines[:-1]) == text
