"""Findings for people: place, rule, what is the matter, the line itself, and the next step.

In a log each finding begins with one line, however long, that `grep` and editors find; on a screen it is wrapped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from iobound.model.finding import Finding, Severity, Step
from iobound.verbs.report import figures, plain
from iobound.verbs.report.blocks import Code, Line, Prose, Role, Span
from iobound.verbs.report.findings.excerpt import excerpt_lines
from iobound.verbs.report.findings.told import Scan, Told
from iobound.verbs.report.layout import Layout, fitted, width_of, wrapped
from iobound.verbs.report.style import TextStyle

_ROLE: Mapping[Severity, Role] = {
    Severity.ERROR: Role.BAD,
    Severity.WARNING: Role.DOUBTFUL,
    Severity.INFO: Role.STRONG,
}
_HANGING = 4
_CODE_INDENT = 4
_MOST_STEPS = 8
_LEAST_ROOM = 24  # a message that would have less than this beside its place begins below it


def render(scan: Scan, style: TextStyle) -> str:
    """All findings in their order, then one sentence about the scan as a whole."""
    layout = Layout(style)
    each = _concise if style.concise else _whole
    lines = chain(
        chain.from_iterable(each(told, layout) for told in scan.told),
        _summary(scan, layout),
    )
    if not style.colour:
        return plain.text_of(lines)
    from iobound.verbs.report import terminal

    return terminal.render_lines(lines, style)


def _concise(told: Told, layout: Layout) -> Iterator[Line]:
    """One line, never wrapped: it is for tools that read lines."""
    finding = told.finding
    message = f"{finding.severity.value}: {finding.message}"
    yield (*_head(told, layout), Span(f" {layout.say(message)}"))


def _whole(told: Told, layout: Layout) -> Iterator[Line]:
    finding, record = told
    yield from _title(told, layout)
    excerpt = list(excerpt_lines(finding, layout, _ROLE[finding.severity]))
    yield from excerpt
    gutter = " " * len(str(finding.line)) if excerpt else ""
    columns = layout.style.columns
    for number, text in enumerate(wrapped(layout.say(_nature(finding)), columns - len(gutter) - 3)):
        yield (Span(f"{gutter} {'=' if number == 0 else ' '} ", Role.FAINT), Span(text))
    yield from _calls(finding, layout)
    if record.help:
        yield from _labelled("help: ", record.help, layout)
    if finding.suggestion.strip():
        yield ()
        yield from layout.block(Code(finding.suggestion, indent=_CODE_INDENT))
    yield ()


def _title(told: Told, layout: Layout) -> Iterator[Line]:
    """Place, rule and message: on a screen wrapped, with the rest of the message hanging."""
    head = _head(told, layout)
    message = layout.say(told.finding.message)
    columns = layout.style.columns
    if layout.style.plain:
        yield (*head, Span(f" {message}"))
        return
    if columns - _width(head) - 1 < _LEAST_ROOM:
        place, head = head[0], (Span(" " * _HANGING), *head[2:])
        for line in wrapped(place.text, columns):
            yield (Span(line, place.role),)
    first = next(wrapped(message, columns - _width(head) - 1))
    yield (*head, Span(f" {first}"))
    rest = message[len(first) :].lstrip(" ")
    for line in wrapped(rest, columns - _HANGING) if rest else ():
        yield (Span(" " * _HANGING), Span(line))


def _width(line: Line) -> int:
    return sum(width_of(span.text) for span in line)


def _head(told: Told, layout: Layout) -> Line:
    finding, record = told
    mark = (Span(" [*]", Role.GOOD),) if record.fixable else ()
    return (
        Span(layout.say(record.place), Role.STRONG),
        Span(": "),
        Span(layout.say(finding.rule), _ROLE[finding.severity]),
        *mark,
    )


def _nature(finding: Finding) -> str:
    """How bad, how sure, and what it is in."""
    lines = finding.span.end_line
    parts = (
        f"{finding.severity.value}, {finding.confidence.value} confidence",
        f"in {finding.function}" if finding.function not in ("", "<module>") else "",
        f"up to line {lines}" if lines > finding.line else "",
    )
    return ", ".join(filter(None, parts))


def _calls(finding: Finding, layout: Layout) -> Iterator[Line]:
    """The chain on one line where it fits, else each call on its own."""
    if not finding.chain:
        return
    label = "calls: "
    steps = [_step(step, finding) for step in _shortened(finding.chain)]
    room = layout.style.columns - len(label)
    line = layout.say(" → ".join(filter(None, (f"{name} {place}".rstrip() for name, place in steps))))
    if width_of(line) <= room:
        yield (Span(label, Role.STRONG), Span(line))
        return
    for number, (name, place) in enumerate(steps):
        lines = _on_its_own(f"→ {name}" if number else name, place, room, layout)
        for at, text in enumerate(lines):
            yield (Span(" " * len(label) if number or at else label, Role.STRONG), Span(text))


def _on_its_own(name: str, place: str, room: int, layout: Layout) -> Iterator[str]:
    """A call and its place, below each other where they are too long; of a name and of a path the end says most."""
    name, place = layout.say(name), layout.say(place)
    if width_of(name) + 1 + width_of(place) <= room:
        yield f"{name} {place}".rstrip()
        return
    yield layout.say(fitted(name, room, tail=True))
    yield layout.say(f"  {fitted(place, room - 2, tail=True)}")


def _labelled(label: str, text: str, layout: Layout) -> Iterator[Line]:
    """Text with a label before it, and the rest of it hanging below its beginning."""
    for number, line in enumerate(wrapped(layout.say(text), layout.style.columns - len(label))):
        yield (Span(" " * len(label) if number else label, Role.STRONG), Span(line))


def _shortened(steps: tuple[Step, ...]) -> tuple[Step | int, ...]:
    """The steps, with a number in place of those in the middle that are too many."""
    if len(steps) <= _MOST_STEPS:
        return steps
    half = _MOST_STEPS // 2
    return (*steps[:half], len(steps) - 2 * half, *steps[-half:])


def _step(step: Step | int, finding: Finding) -> tuple[str, str]:
    """What is called, and where the call stands, unless that is the place of the finding itself."""
    if isinstance(step, int):
        return f"({step} more)", ""
    if step.file != finding.file:
        return step.name, f"({step.file}:{step.line})"
    return step.name, "" if step.line == finding.line else f"(line {step.line})"


def _summary(scan: Scan, layout: Layout) -> Iterator[Line]:
    listing = scan.found
    columns = layout.style.columns
    text = layout.say(f"{listing.headline[0]}.")
    role = Role.STRONG if listing.records else Role.GOOD
    for line in [text] if layout.style.plain else wrapped(text, columns):
        yield (Span(line, role),)
    fixable = sum(record.fixable for record in listing.records)
    if fixable:
        yield (Span(f"[*] {figures.tally(fixable, 'finding')} fixable with --fix."),)
    if listing.records and not layout.style.concise:
        rule = listing.worst_first()[0].rule
        yield from layout.block(Prose(f"`iobound explain {rule}` says more about a rule.", indent=0))
