"""Markdown of our documentation becomes blocks of a text report."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iobound.verbs.report import marked
from iobound.verbs.report.blocks import Code, Prose

TEXT = """\
It waits, \
and waits.
More of it.

- one thing
  that is long
- **another** thing
1. first

## Bad ##

```python
# no heading
sleep(1)
```

| a | b |

Behind `**kwargs`."""


def test_every_kind_of_block_is_known():
    """Paragraphs, lists, headings, code, rows of tables."""
    before, [section] = marked.parts(TEXT)
    said = [block for block in before if block != Prose("")]
    assert said == [
        Prose("It waits, and waits. More of it."),
        Prose("one thing that is long", "-"),
        Prose("another thing", "-"),
        Prose("first", "1."),
    ]
    assert section.title == "Bad"
    assert section.blocks == (
        Code("# no heading\nsleep(1)", indent=4),
        Prose(""),
        Code("| a | b |", indent=2),
        Prose(""),
        Prose("Behind `**kwargs`."),
    )


def test_paragraphs_stand_apart_and_items_of_a_list_together():
    """As a page shows them."""
    before, _ = marked.parts("a\n\nb\n\n- c\n- d\n")
    assert before == (Prose("a"), Prose(""), Prose("b"), Prose(""), Prose("c", "-"), Prose("d", "-"))


def test_a_row_of_a_table_ends_a_paragraph():
    """And keeps its place behind it; rows stand together."""
    before, _ = marked.parts("a\n| b |\n| c |")
    assert [block.text for block in before] == ["a", "", "| b |", "| c |"]


def test_a_fence_that_is_not_closed_ends_with_the_text():
    """And a longer fence may hold a shorter one."""
    before, _ = marked.parts("````\n```\nx\n```\n````\n\n```\ny")
    assert [block.text for block in before if isinstance(block, Code)] == ["```\nx\n```", "y"]


@given(st.text("ab# -*`1.|\n\r\t~", max_size=80))
def test_no_text_is_too_strange(text):
    """Letters are neither lost nor turned around, but for the word after a fence."""
    before, sections = marked.parts(text)
    seen = [block.text for block in before]
    for section in sections:
        seen += [section.title, *(block.text for block in section.blocks)]
    letters = [letter for letter in text if letter in "ab"]
    told = iter(letters)
    assert all(letter in told for letter in "".join(seen) if letter in "ab")
    if "```" not in text and "~~~" not in text:
        assert [letter for letter in "".join(seen) if letter in "ab"] == letters
