"""Lines fit, whatever is in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iobound.verbs.report.blocks import Cell, Column, Prose, Table
from iobound.verbs.report.layout import Layout, fitted, width_of, wrapped
from iobound.verbs.report.plain import text_of
from iobound.verbs.report.style import TextStyle

WORDS = st.text(st.characters(codec="utf-8"), max_size=60)
WIDTHS = st.integers(40, 160)


@given(WORDS, st.integers(0, 30))
def test_fitted_text_fits(text, columns):
    """And is itself where it fits anyway."""
    found = fitted(text, columns)
    assert width_of(found) <= columns
    assert found == text or width_of(text) > columns


@given(WORDS, st.integers(0, 30))
def test_a_fitted_path_keeps_its_end(text, columns):
    """The file and line are what is looked for."""
    found = fitted(text, columns, tail=True)
    assert width_of(found) <= columns
    assert found == text or (found[:1] in ("…", "") and text.endswith(found[1:]))


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), max_size=200), st.integers(2, 60))
def test_wrapping_loses_nothing(text, columns):
    """All letters are there, in order, in lines that fit."""
    lines = list(wrapped(text, columns))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width_of(line) <= columns for line in lines)


@given(WIDTHS, st.lists(st.tuples(WORDS, WORDS, WORDS, st.floats(0, 1)), max_size=8), st.booleans())
def test_tables_fit(width, rows, unicode):
    """As long as its columns may be squeezed, a table never leaves the screen, and its columns stand straight."""
    columns = (
        Column("first", least=8),
        Column("bar", wide=20, rank=2),
        Column("number", right=True, least=8),
        Column("last", least=8, rank=1),
    )
    table = Table(columns, tuple((Cell(a), Cell("", bar=share), Cell(b), Cell(c)) for a, b, c, share in rows), "more")
    lines = text_of(Layout(TextStyle(width, False, unicode)).block(table)).splitlines()
    assert len(lines) == len(rows) + 2
    assert all(width_of(line) <= width for line in lines)


@given(WIDTHS, WORDS, WORDS)
def test_labels_hang(width, label, text):
    """The text of a paragraph stands right of its label on every line."""
    prose = Prose(text * 5, f"label {label[:10]}")
    lines = list(Layout(TextStyle(width, False, True)).block(prose))
    assert all(sum(width_of(span.text) for span in line) <= width + 1 for line in lines)
    hanging = {sum(width_of(span.text) for span in line[:-1]) for line in lines}
    assert len(hanging) == 1


def test_a_bar_is_full_only_for_the_whole():
    """And there is a trace of everything that is something."""
    layout = Layout(TextStyle(80, unicode=False))

    def bar(fraction):
        table = Table((Column("", wide=10),), ((Cell("", bar=fraction),),))
        return text_of(layout.block(table)).strip()

    assert [len(bar(fraction)) for fraction in (0.0, 0.0001, 0.5, 0.9999, 1.0)] == [0, 1, 5, 9, 10]
