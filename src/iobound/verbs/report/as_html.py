"""The HTML report: one page without scripts and without anything that would have to be fetched; or a part of one.

It says what the text report says, from the same blocks, in an order for reading on a screen: the answer, what to do,
where the time went, and everything that these rest on folded up below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from iobound.model.diagnosis import Diagnosis
from iobound.verbs.report import concluded, functions, harmless, headline, html_style, measured, scanned, unseen
from iobound.verbs.report.blocks import Block, Cell, Code, Column, Prose, Role, Section, Table
from iobound.verbs.report.style import TextStyle

_LONGEST_CELL = 300
_OPEN = 1  # pieces of advice that are unfolded
_RANKS = 6
_FEW_LETTERS = 28  # which need no second line
_CLASS: dict[Role, str] = {role: role.name.lower() for role in Role if role not in (Role.BODY, Role.TITLE, Role.LABEL)}

_ABOUT = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
_NOTHING_FROM_OUTSIDE = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">"
)


def render(diagnosis: Diagnosis, style: TextStyle) -> str:
    """The report as a page of its own; its width is the reader's, whatever the style says."""
    title = _said(f"iobound: {diagnosis.verdict.summary or diagnosis.verdict.bound}")
    return "\n".join(
        (
            "<!DOCTYPE html>",
            f'<html lang="en"><head>{_ABOUT}{_NOTHING_FROM_OUTSIDE}<title>{title}</title>',
            f"<style>{html_style.PAGE}</style></head><body>",
            fragment(diagnosis, style),
            "</body></html>\n",
        )
    )


def fragment(diagnosis: Diagnosis, style: TextStyle) -> str:
    """The report as a part of somebody else's page, such as the output of a notebook's cell."""
    parts = [
        # Names of the target may look like formulas, which notebooks would set.
        '<div class="iobound mathjax_ignore tex2jax_ignore" role="region" aria-label="iobound report">',
        f"<style>{html_style.RULES}</style>",
        *_answer(diagnosis),
        *_advice(diagnosis),
        *_section(measured.budget(diagnosis)),
        *(line for section in _foundations(diagnosis) for line in _folded(section)),
        "</div>",
    ]
    return "\n".join(parts)


def _foundations(diagnosis: Diagnosis) -> list[Section]:
    """What the answer rests on."""
    found = (
        measured.waits(diagnosis),
        measured.hotspots(diagnosis),
        scanned.section(diagnosis),
        measured.phases(diagnosis),
        measured.threads(diagnosis),
        measured.event_loops(diagnosis),
        concluded.predictions(diagnosis),
        concluded.evidence(diagnosis),
        unseen.section(diagnosis),
    )
    return [section for section in found if section is not None]


def _answer(diagnosis: Diagnosis) -> Iterator[str]:
    verdict, *rest = headline.for_screen(diagnosis)
    yield f'<div class="answer"><h2>{_told(_capital(verdict.text))}</h2>'
    yield from _prose(rest)
    yield "</div>"
    yield f'<p class="run">{_said(headline.run(diagnosis, plain=False).text)}</p>'
    checks = concluded.checks(diagnosis.checks)
    if checks is not None:
        yield from _section(checks)
    calls = functions.section(diagnosis)
    if calls is not None:
        yield from _section(calls)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _advice(diagnosis: Diagnosis) -> Iterator[str]:
    """Each piece of advice can be folded; the best is unfolded."""
    section, items = concluded.advice(diagnosis), concluded.advice_items(diagnosis)
    if section is None:
        return
    yield f"<section>{_heading('h3', section)}"
    for number, (first, *rest) in enumerate(items):
        if isinstance(first, Prose):
            unfolded = " open" if number < _OPEN else ""
            head = f"{_said(first.label)} {_said(first.text)}"
            yield f'<details class="item"{unfolded}><summary>{head}</summary><div>'
            yield from _blocks(rest, section.title)
            yield "</div></details>"
    left = section.blocks[-1]
    if isinstance(left, Prose) and left.role is Role.FAINT:
        yield from _prose([left])
    yield "</section>"


def _section(section: Section) -> Iterator[str]:
    yield f"<section>{_heading('h3', section)}<div>"
    yield from _blocks(section.blocks, section.title)
    yield "</div></section>"


def _folded(section: Section) -> Iterator[str]:
    yield f'<details class="part">{_heading("summary", section)}<div>'
    yield from _blocks(section.blocks, section.title)
    yield "</div></details>"


def _heading(tag: str, section: Section) -> str:
    remark = f' <span class="remark">{_told(section.remark)}</span>' if section.remark else ""
    return f"<{tag}>{_said(section.title)}{remark}</{tag}>"


def _blocks(blocks: Sequence[Block], title: str) -> Iterator[str]:
    """Paragraphs that follow each other are one list; empty ones only kept lines apart."""
    run: list[Prose] = []
    for block in blocks:
        if isinstance(block, Prose):
            run += [block] if block.text or block.label else []
            continue
        yield from _prose(run)
        run = []
        yield from _table(block, title) if isinstance(block, Table) else _code(block)
    yield from _prose(run)


def _prose(run: Sequence[Prose]) -> Iterator[str]:
    """Labelled paragraphs as a list of terms, where one without a label goes on with the one before."""
    listed = False
    for block in run:
        if block.label and not listed:
            yield "<dl>"
            listed = True
        if not block.label and listed and block.role is Role.FAINT:
            yield "</dl>"
            listed = False
        if listed:
            label = f"<dt{_class(block.label_role)}>{_label(block.label)}</dt>" if block.label else ""
            yield f"{label}<dd{_class(block.role)}>{_told(block.text)}</dd>"
        else:
            yield f"<p{_class(block.role)}>{_told(block.text)}</p>"
    if listed:
        yield "</dl>"


def _label(label: str) -> str:
    """A label of two columns, such as a way to tell and what it says, is two words here."""
    first, *rest = re.split(r" {2,}", label.strip())
    if not rest:
        return _said(first)
    return f'<span class="first">{_said(first)}</span> <span class="second">{_said(" ".join(rest))}</span>'


def _code(code: Code) -> Iterator[str]:
    lines = (_escaped(harmless.guarded(line)) for line in harmless.code_lines(code.text))
    yield f'<pre tabindex="0"><code>{chr(10).join(lines)}</code></pre>'


def _table(table: Table, title: str) -> Iterator[str]:
    """A table that says by itself what it is, and can be moved sideways where it is too wide."""
    full = ' class="full"' if any(column.wide for column in table.columns) else ""
    caption = _said(title)
    yield f'<div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table{full}>'
    yield f"<caption>{caption}</caption>"
    if any(column.head for column in table.columns):
        heads = "".join(_head(column) for column in table.columns)
        yield f"<thead><tr>{heads}</tr></thead>"
    yield "<tbody>"
    named = next((number for number, column in enumerate(table.columns) if not column.right), 0)
    for row in table.rows:
        cells = zip(table.columns, row, strict=True)
        yield f"<tr>{''.join(_cell(column, cell, number == named) for number, (column, cell) in enumerate(cells))}</tr>"
    yield "</tbody></table></div>"
    if table.more:
        yield f'<p class="faint">{_said(table.more)}</p>'


def _head(column: Column) -> str:
    tag = "th" if column.head else "td"
    scope = ' scope="col"' if column.head else ""
    return f"<{tag}{scope}{_classes(_ways(column))}>{_said(column.head)}</{tag}>"


def _cell(column: Column, cell: Cell, names_row: bool) -> str:
    if cell.bar is not None:
        return f'<td aria-hidden="true"{_classes(_ways(column))}>{_bar(cell)}</td>'
    shorten = harmless.tail_of if column.tail or cell.tail else harmless.shortened
    text = shorten(cell.text, _LONGEST_CELL)
    ways = [*_ways(column), _CLASS.get(cell.role, "")]
    ways.append("short" if len(text) <= _FEW_LETTERS else "long")
    tag, scope = ("th", ' scope="row"') if names_row and text else ("td", "")
    return f"<{tag}{scope}{_classes(ways)}>{_said(text)}</{tag}>"


def _bar(cell: Cell) -> str:
    """A bar as long as its share, with its interval; the figures stand beside it."""
    role = _CLASS.get(cell.role, "")
    whisker = ""
    if cell.interval is not None:
        low, high = (_percent(share) for share in cell.interval)
        whisker = f'<span class="whisker" style="left:{low}%;right:{100 - high:g}%"></span>'
    length = f'<span class="bar {role}" style="width:{_percent(cell.bar or 0.0)}%"></span>' if cell.bar else ""
    return f'<span class="track">{length}{whisker}</span>'


def _percent(share: float) -> float:
    return round(100 * min(1.0, max(0.0, share)), 2)


def _ways(column: Column) -> list[str]:
    rank = f"rank{min(column.rank, _RANKS)}" if column.rank else ""
    return ["right" if column.right else "", rank, "wide" if column.wide else ""]


def _class(role: Role) -> str:
    return _classes([_CLASS.get(role, "")])


def _classes(names: Iterable[str]) -> str:
    found = " ".join(filter(None, names))
    return f' class="{found}"' if found else ""


def _said(text: str) -> str:
    """Text as it may stand in a page: every word goes through here once, our own too."""
    return _escaped(harmless.inline(text))


def _told(text: str) -> str:
    """A sentence, with what stands in backticks as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", _said(text))


def _escaped(text: str) -> str:
    import html  # the page is the only one to need it

    return html.escape(text)
