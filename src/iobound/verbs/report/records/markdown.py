"""Markdown for a comment on a pull request, and for the summary page of a CI step.

Names, paths and source are data: they stand in code, where nothing is a link, a mention, an emphasis or HTML. What is
said about them has its signs escaped. The hidden marker lets a bot find its own comment and replace it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from iobound.verbs.report import figures, harmless
from iobound.verbs.report.blocks import Cell, Prose, Role, Section, Table
from iobound.verbs.report.records.record import Kind, Listing, Record
from iobound.verbs.report.style import TextStyle

MOST = 50
"""Rows of a table: nobody reads more, and a comment may have 65,536 characters."""

LONGEST_COMMENT = 60_000
LONGEST_SUMMARY = 100_000
"""Bytes of UTF-8. GitHub drops a summary of more than 1 MiB as a whole."""

_LONGEST_CELL = 500
_SPOKEN = re.compile(r"`([^`]+)`")
_RISKY = re.compile(r"[@#/\\<>&*_\[\]|~^${}!=`]|:(?!$)")
_TELLING = re.compile(r"[@#\\/]|::|\w[.:]\w|\w_\w|\w[=<>]=?\w|:[\w+-]+:|GH-\d")
"""What makes a word one that GitHub may turn into a mention, reference, link or picture, or that only a program has."""
_CALL = re.compile(r"[\w.]+\.\w+\(|[\w.]+\([^()]*\)\.\w+\(")
"""What opens a call of something that has a dot in its name."""
_MOST_OF_A_CALL = 8
"""Words."""
_FIGURE = re.compile(r"[<>]?[-+(]*\d[\d.,+-]*[),;.:]*|I/O(?:-bound)?:?")
"""A number, an interval, and the one word of ours with a stroke."""


def render(listing: Listing, style: TextStyle) -> str:
    """The comment: marker, what was found, a table of the worst findings, and suggestions to unfold."""
    return cut([marker(listing), *_document(listing)], LONGEST_COMMENT, listing.whole)


def marker(listing: Listing) -> str:
    """First line of every comment, shown nowhere; one for each kind, so that comments of both can stand side by side.

    Example:
        >>> from iobound.verbs.report.records.record import Kind
        >>> marker(Listing(Kind.SCAN, ()))
        '<!-- iobound:scan -->'
    """
    return f"<!-- iobound:{listing.of.value} -->"


def summary(listing: Listing) -> str:
    """The same for a summary page, which needs no marker and has more room."""
    return cut(list(_document(listing)), LONGEST_SUMMARY, listing.whole)


def _document(listing: Listing) -> Iterator[str]:
    records = [record for record in listing.worst_first() if not record.tabled]
    yield f"### {listing.name}"
    yield ""
    yield from _headline(listing)
    if records:
        yield ""
        yield "| | rule | where | what |"
        yield "|---|---|---|---|"
        yield from (_row(record) for record in records[:MOST])
    if len(records) > MOST:
        yield ""
        more = figures.tally(len(records) - MOST, "more finding")
        yield f"{more} not shown: these are the worst {MOST}; {listing.whole}."
    yield from _holding(listing)
    for section in listing.sections:
        yield from _section(section)
    for remark in listing.remarks:
        yield ""
        yield f"*Note:* {prose(remark)}."
    for record in records[:MOST]:
        yield from _suggestion(record)


def _headline(listing: Listing) -> Iterator[str]:
    """What a scan found, or what a run is bound by, what to do, and what stands below that."""
    first, *others = listing.headline
    if listing.of is Kind.SCAN:
        yield f"{prose(first)}."
        return
    yield f"**{prose(first)}.**"
    for sentence in others:
        yield ""
        yield f"**Advice:** {prose(sentence)}."
    if listing.facts:
        yield ""
        yield from (f"- {label}: {prose(said)}" for label, said in listing.facts if said)


def _holding(listing: Listing) -> Iterator[str]:
    """Checks that passed, below the table of what is the matter: those that failed stand in it."""
    held = [record for record in listing.records if record.passed and not record.tabled]
    if held:
        yield ""
        yield "**Checks that passed**"
        yield ""
        yield from (f"- {prose(record.message)}" for record in held[:MOST])
    if len(held) > MOST:
        yield f"- and {len(held) - MOST:,} more"


def _section(section: Section) -> Iterator[str]:
    """A part of the text report: its tables as tables, its paragraphs as a list."""
    remark = f" ({prose(section.remark)})" if section.remark else ""
    title = prose(section.title)
    yield ""
    yield f"<details><summary>{title}{remark}</summary>" if section.folded else f"**{title}**{remark}"
    yield ""
    for block in section.blocks:
        if isinstance(block, Table):
            yield from _table(block)
        elif isinstance(block, Prose):
            label = f"**{prose(block.label)}** " if block.label.strip("-") else ""
            yield f"- {label}{prose(block.text)}"
    if section.folded:
        yield ""
        yield "</details>"


def _table(table: Table) -> Iterator[str]:
    """Without the columns of bars, which are blocks of a terminal."""
    shown = [index for index, column in enumerate(table.columns) if not column.wide]
    yield "| " + " | ".join(prose(table.columns[index].head) for index in shown) + " |"
    yield "|" + "|".join("---:" if table.columns[index].right else "---" for index in shown) + "|"
    for row in table.rows:
        yield "| " + " | ".join(_cell(row[index]) for index in shown) + " |"
    if table.more:
        yield ""
        yield prose(table.more)


def _cell(cell: Cell) -> str:
    """Names stand in code, numbers and words of ours do not."""
    is_name = cell.role is Role.LABEL or (cell.role is Role.STRONG and any(map(str.isalpha, cell.text)))
    return code(cell.text) if is_name else prose(cell.text)


def _row(record: Record) -> str:
    help_ = f"<br>**help:** {prose(record.help)}" if record.help else ""
    calls = "<br>" + " → ".join(code(step.name) for step in record.chain) if record.chain else ""
    title = f"**{prose(record.title)}**<br>" if record.title else ""
    what = f"{title}{prose(record.message)}{calls}{help_}"
    return f"| {record.severity.value} | {code(record.rule)} | {_where(record)} | {what} |"


def _where(record: Record) -> str:
    """File and line, and the function; nothing where it is about no file."""
    inside = f"in {code(record.function)}" if record.function not in ("", "<module>") else ""
    if record.cell is not None or not record.path:
        place = code(record.place)
    else:
        place = code(record.path if record.line is None else f"{record.path}:{record.line}")
    return " ".join(filter(None, (place, inside)))


def _suggestion(record: Record) -> Iterator[str]:
    lines = harmless.code_lines(record.suggestion)
    if not any(lines):
        return
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield ""
    yield f"<details><summary>{_tagged(_of(record))}</summary>"
    yield ""
    yield f"{fence}python"
    yield from (harmless.guarded(line) for line in lines)
    yield fence
    yield ""
    yield "</details>"


def _of(record: Record) -> str:
    return f"{record.rule} {record.path}{'' if record.line is None else f':{record.line}'}".strip()


def code(text: str) -> str:
    """Text as code, in a table or out of it, from which nothing gets out.

    Example:
        >>> print(code("a|b"), code("requests.get"))
        <code>a&#124;b</code> `requests.get`
    """
    text = harmless.inline(text, _LONGEST_CELL)
    if not text.strip():
        return ""
    if not re.search(r"[`|\\]", text) and text == text.strip():
        return f"`{text}`"
    return f"<code>{_entities(text)}</code>"


def prose(text: str) -> str:
    """A sentence of ours with names of others in it: what stands in backticks is code, the rest is only text.

    Example:
        >>> print(prose("`a*b` waits for http://x, says @ann"))
        `a*b` waits for `http://x`, says `@ann`
    """
    parts = _SPOKEN.split(harmless.inline(text, _LONGEST_CELL))
    return "".join(code(part) if number % 2 else _words(part) for number, part in enumerate(parts))


def _words(text: str) -> str:
    return " ".join(_word(word) for word in _whole_calls(text.split(" ")))


def _whole_calls(words: list[str]) -> Iterator[str]:
    """The words, those of one call as one: half of it in code and half of it not reads badly.

    Example:
        >>> list(_whole_calls("Call f.map(g, urls) (as f(x does".split(" ")))
        ['Call', 'f.map(g, urls)', '(as', 'f(x', 'does']
    """
    at = 0
    while at < len(words):
        end = next((end for end in range(at + 1, at + 1 + _MOST_OF_A_CALL) if _is_call(words[at:end])), at + 1)
        yield " ".join(words[at:end])
        at = end


def _is_call(words: list[str]) -> bool:
    """Whether the first of them opens a call, and the last one closes it."""
    text = " ".join(words)
    return bool(_CALL.match(text)) and text.count("(") == text.count(")")


def _word(word: str) -> str:
    """A word as code where it may be a name or a link, without the signs around it; else as text.

    Example:
        >>> print(_word("(a.b.c);"), _word("(nothing)."), _word("f.g(x),"), _word("(1.5..2.0)"))
        (`a.b.c`); (nothing). `f.g(x)`, (1.5..2.0)
    """
    if _FIGURE.fullmatch(word) or not _TELLING.search(word):
        return _RISKY.sub(_entity, word)
    begin = len(word) - len(word.lstrip("(\"'"))
    end = len(word)
    while end > begin and (word[end - 1] in ",;:.!?\"'" or _closes_more(word[begin:end])):
        end -= 1
    return f"{word[:begin]}{code(word[begin:end])}{_RISKY.sub(_entity, word[end:])}"


def _closes_more(word: str) -> bool:
    """Whether its last sign closes what was opened before it."""
    return word.endswith(")") and word.count(")") > word.count("(")


def _tagged(text: str) -> str:
    """Text as code within HTML, where Markdown does not reach."""
    return f"<code>{html.escape(harmless.inline(text, _LONGEST_CELL))}</code>"


def _entities(text: str) -> str:
    """Text of which no sign means anything: an entity is never structure."""
    return re.sub(r"[^\w ]|_", _entity, text, flags=re.ASCII)


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"


def cut(lines: list[str], most: int, whole: str) -> str:
    """As many lines as fit, counted in bytes; a line that says so, and where the whole is, in place of the rest."""
    text = "".join(f"{line}\n" for line in lines)
    if len(text.encode()) <= most:
        return text
    return _shorter(lines, most, f"\n*Cut here: {whole}.*\n")


def _shorter(lines: list[str], most: int, remark: str) -> str:
    room = most - len(remark.encode())
    whole_to = 0
    ends = set(_ends(lines))
    for number, line in enumerate(lines, 1):
        room -= len(line.encode()) + 1
        if room < 0:
            break
        if number in ends:
            whole_to = number
    return "".join(f"{line}\n" for line in lines[:whole_to]) + remark


def _ends(lines: list[str]) -> Iterator[int]:
    """Numbers of lines, from 1, behind which a remark is one: a fold or code that is open would swallow it.

    What code says is none of ours: its lines may begin as a row, or be what would end a fold.

    Example:
        >>> list(_ends(["# a", "| row |", "<details>", "```python", "| x", "</details>", "```", "</details>"]))
        [1, 2, 8]
    """
    fence, folds = "", 0
    for number, line in enumerate(lines, 1):
        if fence:
            fence = "" if line == fence else fence
            continue
        if line.startswith("```"):
            fence = line[: len(line) - len(line.lstrip("`"))]
            continue
        folds += line.startswith("<details>") - (line == "</details>")
        if not folds and (number == 1 or line == "</details>" or line.startswith("|")):
            yield number
