"""A comparison for people: whether anything changed beyond noise, what to do, what changed, what was not compared."""

from __future__ import annotations

from iobound.model.comparison import Comparison
from iobound.verbs.report import concluded, plain
from iobound.verbs.report.blocks import Block, Page, Prose, Role, Section, Table
from iobound.verbs.report.comparison import next_step, told
from iobound.verbs.report.comparison.sections import sections
from iobound.verbs.report.style import TextStyle


def render(comparison: Comparison, style: TextStyle) -> str:
    """The comparison as lines; with colour it is written by rich."""
    page = compose(comparison, style)
    if not style.colour:
        return plain.render(page, style)
    from iobound.verbs.report import terminal

    return terminal.render(page, style)


def compose(found: Comparison, style: TextStyle) -> Page:
    """The comparison as blocks."""
    names = ("compare:", "advice:") if style.plain else ("Result", "Advice")
    width = len("compare:") if style.plain else len("Verdict")
    answer = (told.headline(found), next_step.advice(found))
    labels = ("base:", "head:", "verdict:", "noise:") if style.plain else ("Base", "Head", "Verdict", "Noise")
    run = (told.of_side(found.base), told.of_side(found.head), told.verdict(found), told.noise(found))
    checks = concluded.checks(found.checks)
    return Page(
        headline=tuple(
            Prose(_plain(text), name, Role.STRONG, indent=0, label_width=width)
            for name, text in zip(names, answer, strict=True)
        ),
        run=tuple(Prose(text, name, Role.BODY, 0, label_width=width) for name, text in zip(labels, run, strict=True)),
        sections=(*(() if checks is None else (checks,)), *map(_on_a_screen, sections(found, placed=False))),
    )


def _on_a_screen(section: Section) -> Section:
    return section._replace(blocks=tuple(map(_block, section.blocks)))


def _block(block: Block) -> Block:
    if isinstance(block, Table):
        rows = tuple(tuple(cell._replace(text=_plain(cell.text)) for cell in row) for row in block.rows)
        return block._replace(rows=rows)
    return block._replace(text=_plain(block.text))


def _plain(text: str) -> str:
    """Without the backticks."""
    return text.replace("`", "")
