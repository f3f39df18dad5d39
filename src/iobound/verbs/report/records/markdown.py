"""Markdown for a comment on a pull request, and for the summary page of a CI step.

Names, paths and source are data: they stand in code, where nothing is a link, a mention, an emphasis or HTML. What is
said about them has its signs escaped. The hidden marker lets a bot find its own comment and replace it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from iobound.verbs.report import figures, harmless
from iobound.verbs.report.records.record import Listing, Record
from iobound.verbs.report.style import TextStyle

MOST = 50
"""Rows of a table: nobody reads more, and a comment may have 65,536 characters."""

LONGEST_COMMENT = 60_000
LONGEST_SUMMARY = 100_000
"""Bytes of UTF-8. GitHub drops a summary of more than 1 MiB as a whole."""

_LONGEST_CELL = 500
_SPOKEN = re.compile(r"`([^`]+)`")
_RISKY = re.compile(r"[@#/\\<>&*_\[\]|~^${}!=`]|:(?!$)")
_TELLING = re.compile(r"[@#\\/]|::|\w[.:]\w")
"""What makes a word one that GitHub may turn into a mention, a reference or a link."""


def render(listing: Listing, style: TextStyle) -> str:
    """The comment: marker, what was found, a table of the worst findings, and suggestions to unfold."""
    return _cut([marker(listing), *_document(listing)], LONGEST_COMMENT)


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
    return _cut(list(_document(listing)), LONGEST_SUMMARY)


def _document(listing: Listing) -> Iterator[str]:
    records = listing.worst_first()
    yield f"### {listing.name}"
    for sentence in listing.headline:
        yield ""
        yield f"{prose(sentence)}."
    if records:
        yield ""
        yield "| | rule | where | what |"
        yield "|---|---|---|---|"
        yield from (_row(record) for record in records[:MOST])
    if len(records) > MOST:
        yield ""
        yield f"{figures.tally(len(records) - MOST, 'more finding')} not shown: these are the worst {MOST}."
    for record in records[:MOST]:
        yield from _suggestion(record)


def _row(record: Record) -> str:
    where = code(record.place if record.cell is not None else f"{record.path}:{record.line}")
    inside = f" in {code(record.function)}" if record.function not in ("", "<module>") else ""
    help_ = f"<br>**help:** {prose(record.help)}" if record.help else ""
    calls = "<br>" + " → ".join(code(step.name) for step in record.chain) if record.chain else ""
    what = f"{prose(record.message)}{calls}{help_}"
    return f"| {record.severity.value} | {code(record.rule)} | {where}{inside} | {what} |"


def _suggestion(record: Record) -> Iterator[str]:
    lines = harmless.code_lines(record.suggestion)
    if not any(lines):
        return
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield ""
    yield f"<details><summary>{_tagged(f'{record.rule} {record.path}:{record.line}')}</summary>"
    yield ""
    yield f"{fence}python"
    yield from (harmless.guarded(line) for line in lines)
    yield fence
    yield ""
    yield "</details>"


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
    return " ".join(_word(word) for word in text.split(" "))


def _word(word: str) -> str:
    """A word as code where it may be a name or a link, without the signs around it; else as text.

    Example:
        >>> print(_word("(a.b.c);"), _word("(nothing)."), _word("f.g(x),"))
        (`a.b.c`); (nothing). `f.g(x)`,
    """
    if not _TELLING.search(word):
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


def _cut(lines: list[str], most: int) -> str:
    """As many lines as fit, counted in bytes; a line that says so in place of the rest."""
    text = "".join(f"{line}\n" for line in lines)
    if len(text.encode()) <= most:
        return text
    return _shorter(lines, most)


def _shorter(lines: list[str], most: int) -> str:
    remark = "\n*Cut here: the whole list is in the log of this step.*\n"
    kept: list[str] = []
    room = most - len(remark.encode())
    whole_to = 0
    for number, line in enumerate(lines):
        room -= len(line.encode()) + 1
        if room < 0:
            break
        kept.append(line)
        if line == "</details>" or line.startswith("|") or not number:
            whole_to = len(kept)  # a fold that is left open would swallow the remark
    return "".join(f"{line}\n" for line in kept[:whole_to]) + remark
