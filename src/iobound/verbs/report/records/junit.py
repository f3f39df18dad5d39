"""JUnit XML: a suite for each file, a case for each record; those that fail are failures, the rest passes.

Numbers are properties of the suite, named for their case, and files stand at suites: a case may have neither, and
Jenkins' xUnit plugin refuses a whole file for that.

Source:
    junit-10.xsd of Jenkins' xUnit plugin, which is what pytest's own files keep to;
    https://github.com/testmoapp/junitxml describes what readers have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from iobound.verbs.report import harmless
from iobound.verbs.report.records.numbering import numbers_of
from iobound.verbs.report.records.record import Kind, Listing, Record
from iobound.verbs.report.style import TextStyle

_Numbers = Mapping[str, str | float | None]


class _Case(NamedTuple):
    """A case by its name, which no other of its suite has."""

    name: str
    record: Record


def render(listing: Listing, style: TextStyle) -> str:
    """The document; at least one case that passes or fails, for an empty document fails some readers."""
    suites = [list(_whole(listing))]
    for path, group in groupby(sorted(filter(_file, listing.records), key=_file), key=_file):
        suites.append(list(_suite(path, list(group))))
    lines = [_tag("testsuites", {"name": listing.name, **_counts(listing.records, _extra(listing))})]
    lines += [line for suite in suites for line in suite]
    text = ['<?xml version="1.0" encoding="utf-8"?>', *lines, "</testsuites>"]
    return "".join(f"{harmless.guarded(line)}\n" for line in text)


def _file(record: Record) -> str:
    return record.own_file


def _extra(listing: Listing) -> int:
    """A case for the whole: what a run is bound by; of a scan only where it found nothing."""
    return int(listing.of is not Kind.SCAN or not listing.records)


def _counts(records: Sequence[Record], extra: int = 0) -> dict[str, object]:
    return {"tests": len(records) + extra, "failures": sum(record.fails for record in records), "errors": 0}


def _whole(listing: Listing) -> Iterator[str]:
    """The suite for what is about no file, or about whichever takes the time."""
    records = [record for record in listing.records if not record.own_file]
    extra = _extra(listing)
    if not records and not extra:
        return
    yield _tag("testsuite", {"name": listing.name, **_counts(records, extra)})
    cases = list(_cases(records))
    yield from _properties([("", listing.numbers), *((case.name, _numbers(case)) for case in cases)])
    if extra and listing.of is Kind.SCAN:
        yield _tag("testcase", {"classname": listing.name, "name": "findings"})
        yield from _told(listing.headline)
        yield "</testcase>"
    elif extra:
        yield _tag("testcase", {"classname": listing.name, "name": "verdict"})
        yield from _told((*listing.headline, *(f"{label}: {said}" for label, said in listing.facts)))
        yield "</testcase>"
    for case in cases:
        yield from _case(case, listing.name)
    yield "</testsuite>"


def _suite(path: str, records: list[Record]) -> Iterator[str]:
    yield _tag("testsuite", {"name": path, **_counts(records), "file": path})
    cases = list(_cases(records))
    yield from _properties((case.name, _numbers(case)) for case in cases)
    for case in cases:
        yield from _case(case, path)
    yield "</testsuite>"


def _cases(records: Sequence[Record]) -> Iterator[_Case]:
    """Names are the same from run to run, so that a CI server sees that a case was mended: no line is part of them."""
    for record, number in zip(records, numbers_of(records, _name), strict=True):
        yield _Case(f"{_name(record)} ({number + 1})" if number else _name(record), record)


def _name(record: Record) -> str:
    told = record.topic or record.rule
    return record.case or (f"{told} in {record.function}" if record.function else told)


def _numbers(case: _Case) -> _Numbers:
    return {"severity": case.record.severity.value, **case.record.numbers}


def _properties(found: Iterable[tuple[str, _Numbers]]) -> Iterator[str]:
    lines = [
        _tag("property", {"name": f"{name}: {key}" if name else key, "value": value}, closed=True)
        for name, numbers in found
        for key, value in numbers.items()
        if value is not None
    ]
    if lines:
        yield from ("<properties>", *lines, "</properties>")


def _case(case: _Case, classname: str) -> Iterator[str]:
    record = case.record
    yield _tag("testcase", {"classname": classname, "name": case.name})
    if record.fails:
        text = "\n".join(map(_line, _body(record)))
        yield f"{_tag('failure', {'type': record.rule, 'message': record.message})}{text}</failure>"
    else:
        yield from _told(_body(record))
    yield "</testcase>"


def _told(lines: Iterable[str]) -> Iterator[str]:
    yield f"<system-out>{chr(10).join(map(_line, lines))}</system-out>"


def _line(text: str) -> str:
    return harmless.guarded(_escaped(text))


def _body(record: Record) -> Iterator[str]:
    place = f"{record.place}: " if record.place else ""
    yield f"{place}{f'{record.title}:' if record.title else record.rule} {record.message}"
    for step in record.chain:
        yield f"calls: {step.name} ({step.file}:{step.line})"
    if record.help:
        yield f"help: {record.help}"


def _tag(tag: str, attributes: Mapping[str, object], *, closed: bool = False) -> str:
    """A start tag; none of the attributes' values can end it."""
    listed = "".join(f' {name}="{_escaped(str(value))}"' for name, value in attributes.items())
    return f"<{tag}{listed}{' /' if closed else ''}>"


def _escaped(text: str) -> str:
    """Text in which nothing is markup, and every character is one that XML may hold."""
    text = harmless.inline(text)
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&apos;")):
        text = text.replace(sign, entity)
    return text
