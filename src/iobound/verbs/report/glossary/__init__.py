"""The words of the reports: what each means, how it is found, and an example.

The texts are Markdown files of this folder, one for each kind of word. A heading of the first level begins a word, and
after commas other spellings of it follow. A new word is a few lines in one of them.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

KINDS: Mapping[str, tuple[str, str]] = {
    "verdicts": ("Verdicts: what a program is bound by", "a verdict"),
    "states": ("States: what a thread is doing", "a state"),
    "strategies": ("Strategies: what to do about it", "a strategy"),
    "ways": ("Evidence: seven ways to tell", "a way to tell what a program is bound by"),
    "terms": ("Other words of the reports", "a word of the reports"),
}
"""Files of this folder in the order of the list: what they hold, and what one of it is called."""


class Term(NamedTuple):
    """One word.

    Attributes:
        others: Other spellings.
        kind: A key of `KINDS`.
        text: Markdown: a paragraph that says what it means, then headings of the second level.
    """

    word: str
    others: tuple[str, ...]
    kind: str
    text: str

    @property
    def meaning(self) -> str:
        """The first sentence of the text."""
        paragraph = " ".join(self.text.partition("\n\n")[0].split())
        sentence, stop, _ = paragraph.partition(". ")
        return f"{sentence}." if stop else paragraph


@cache
def terms() -> Mapping[str, Term]:
    """All words, by kind and then in the order of their files.

    Example:
        >>> terms()["wait_gil"].meaning
        'Wants the GIL, and another thread has it.'
    """
    return {term.word: term for kind in KINDS for term in _read(kind)}


def _read(kind: str) -> Iterator[Term]:
    data = pkgutil.get_data(__name__, f"{kind}.md")
    assert data is not None
    heading, lines, fenced = "", list[str](), False
    for line in [*data.decode("utf-8").splitlines(), "# "]:
        fenced ^= line.startswith("```")
        if fenced or not line.startswith("# "):
            lines.append(line)
            continue
        if heading:
            word, *others = heading.split(", ")
            yield Term(word, tuple(others), kind, "\n".join(lines).strip())
        heading, lines = line.removeprefix("# ").strip(), []
