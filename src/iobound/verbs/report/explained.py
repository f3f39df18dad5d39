"""What a rule or a word of the reports means, as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from iobound.errors import UsageError
from iobound.model.finding import RuleNote
from iobound.verbs.report import marked, plain
from iobound.verbs.report.blocks import Line, Prose, Role, Section
from iobound.verbs.report.glossary import KINDS, Term, terms
from iobound.verbs.report.layout import Layout
from iobound.verbs.report.style import TextStyle

Notes = Mapping[str, RuleNote]

_LIKE = 0.75  # of two words, by the letters that they share in order
_LABEL = 15  # columns for the longer words; the longest of all push their meaning to the right


def explain(word: str, rules: Notes, *, style: TextStyle) -> str:
    """What a rule or a word means, how it is found, and an example.

    Args:
        word: Id or name of a rule, a verdict, a state, a strategy or another word; upper and lower case, hyphens,
            underscores and spaces make no difference.
        rules: All rules, by id.
        style: What the reader's screen can show.

    Raises:
        UsageError: There is no such word; the hint says which are like it.

    Example:
        >>> print(explain("CPU-bound", {}, style=TextStyle()).splitlines()[0])
        cpu, a verdict
    """
    wanted = _spelled(word)
    for note in rules.values():
        if wanted in (_spelled(note.id), _spelled(note.name)):
            return _printed(_of_rule(note), style=style)
    for term in terms().values():
        if wanted in map(_spelled, (term.word, *term.others)):
            return _printed(_of_term(term), style=style)
    raise UsageError(f"nothing is known of {word!r}", hint=_alike(wanted, rules))


def overview(rules: Notes, *, style: TextStyle) -> str:
    """All rules and words that `explain` knows, each with one sentence."""
    sections = [_list("Rules of `iobound scan`", [(note.id, note.summary) for note in rules.values()])] if rules else []
    for kind, (title, _) in KINDS.items():
        sections.append(_list(title, [(term.word, term.meaning) for term in terms().values() if term.kind == kind]))
    more = Prose("`iobound explain WORD` says more about any of these.", indent=0)
    return _printed(sections, (Section("", (more,)),), style=style)


def _list(title: str, rows: list[tuple[str, str]]) -> Section:
    return Section(title, tuple(Prose(meaning, word, label_width=_LABEL) for word, meaning in rows))


def _of_rule(note: RuleNote) -> Iterator[Section]:
    nature = Prose(f"{note.severity.value}, {note.confidence.value} confidence", indent=0)
    before, sections = marked.parts(note.text)
    yield Section("", (_title(f"{note.id} {note.name}".rstrip()), nature))
    yield Section("", (Prose(note.summary, role=Role.STRONG),))
    if before:
        yield Section("", before)
    yield from sections


def _of_term(term: Term) -> Iterator[Section]:
    before, sections = marked.parts(term.text)
    yield Section("", (_title(f"{term.word}, {KINDS[term.kind][1]}"),))
    yield Section("", before)
    yield from sections


def _title(text: str) -> Prose:
    """A title that may be too long for one line, which those of sections never are."""
    return Prose(text, indent=0, role=Role.TITLE)


def _printed(*sections: Iterable[Section], style: TextStyle) -> str:
    lines = _lines(chain(*sections), Layout(style))
    if not style.colour:
        return plain.text_of(lines)
    from iobound.verbs.report import terminal

    return terminal.render_lines(lines, style)


def _lines(sections: Iterable[Section], layout: Layout) -> Iterator[Line]:
    """Sections with an empty line between them; those without a title begin with their first block."""
    for number, section in enumerate(sections):
        if number:
            yield ()
        if section.title:
            yield from layout.section(section)
        else:
            yield from chain.from_iterable(layout.block(block) for block in section.blocks)


def _spelled(word: str) -> str:
    return word.strip().casefold().replace("_", "-").replace(" ", "-")


def _alike(wanted: str, rules: Notes) -> str:
    import difflib  # only the mistaken need it

    known = {_spelled(name): note.id for note in rules.values() for name in (note.id, note.name) if name}
    for term in terms().values():
        known |= dict.fromkeys(map(_spelled, (term.word, *term.others)), term.word)
    found = difflib.get_close_matches(wanted, known, n=2, cutoff=_LIKE)
    named = list(dict.fromkeys(known[word] for word in found))
    return f"did you mean {' or '.join(named)}?" if named else "`iobound explain` lists all words"
