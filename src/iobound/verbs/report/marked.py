"""Markdown of our own documentation as blocks of a text report: headings, paragraphs, lists, fenced code.

Marks within a line stay as they are, but for bold: a terminal shows `code` in backticks as well as a page does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from iobound.verbs.report.blocks import Block, Code, Prose, Section

_HEADING = r"#{1,6} +(.+?) *#*$"
_ITEM = r" *(?:[-*+]|(\d+)[.)]) +(.*)$"
_FENCE = r" *(```+|~~~+)"
_INDENT = 2
_CODE_INDENT = 4
_SPACE = Prose("")


def parts(text: str) -> tuple[tuple[Block, ...], tuple[Section, ...]]:
    """What stands above the first heading, and a section for each heading, of whatever level.

    Example:
        >>> before, sections = parts("It waits.\\n\\n# Bad\\n\\n```python\\nsleep(1)\\n```\\n")
        >>> before[0].text, sections[0].title, sections[0].blocks[0].text
        ('It waits.', 'Bad', 'sleep(1)')
    """
    before: list[Block] = []
    sections: list[tuple[str, list[Block]]] = []
    for found in _blocks(text.replace("\r\n", "\n").split("\n")):
        if isinstance(found, str):
            sections.append((found, []))
            continue
        blocks = sections[-1][1] if sections else before
        if blocks and not _belong_together(blocks[-1], found):
            blocks.append(_SPACE)
        blocks.append(found)
    return tuple(before), tuple(Section(title, tuple(blocks)) for title, blocks in sections)


def _belong_together(one: Block, other: Block) -> bool:
    """Whether both are items of a list, or rows of a table."""
    kinds = {_kind(one), _kind(other)}
    return len(kinds) == 1 and None not in kinds


def _kind(block: Block) -> str | None:
    if isinstance(block, Prose):
        return "item" if block.label else None
    return "row" if isinstance(block, Code) and block.indent == _INDENT else None


def _blocks(lines: list[str]) -> Iterator[Block | str]:
    """Blocks in their order; headings as their text."""
    label, words = "", list[str]()
    rest = iter(lines)
    for line in rest:
        fence, heading, item = (re.match(pattern, line) for pattern in (_FENCE, _HEADING, _ITEM))
        is_row = line.startswith("|")
        if words and (fence or heading or item or is_row or not line.strip()):
            yield _prose(label, words)
            label, words = "", []
        if fence:
            yield _code(fence[1], rest)
        elif heading:
            yield _plain(heading[1])
        elif item:
            label, words = f"{item[1]}." if item[1] else "-", [item[2]]
        elif is_row:
            yield Code(line, indent=_INDENT)  # a row of a table can be read as it stands
        elif line.strip():
            words.append(line)
    if words:
        yield _prose(label, words)


def _code(fence: str, rest: Iterator[str]) -> Code:
    """Lines up to the end of the fence, or of the text."""
    lines: list[str] = []
    for line in rest:
        if line.strip().startswith(fence):
            break
        lines.append(line)
    return Code("\n".join(lines), indent=_CODE_INDENT)


def _prose(label: str, words: list[str]) -> Prose:
    return Prose(_plain(" ".join(" ".join(words).split())), label, indent=_INDENT)


def _plain(text: str) -> str:
    """Without the stars of bold words, but for those within code."""
    pieces = text.split("`")
    return "`".join(piece if number % 2 else piece.replace("**", "") for number, piece in enumerate(pieces))
