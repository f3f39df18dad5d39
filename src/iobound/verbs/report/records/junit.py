"""JUnit XML: a suite for each file, a case for each record; those that fail are failures, the rest passes.

Source:
    https://github.com/testmoapp/junitxml describes what readers have in common; there is no standard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from iobound.verbs.report import harmless
from iobound.verbs.report.records.record import Listing, Record
from iobound.verbs.report.style import TextStyle


def render(listing: Listing, style: TextStyle) -> str:
    """The document; one passing case when nothing was found, for an empty one fails some readers."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>']
    lines.append(_tag("testsuites", {"name": listing.name, **_counts(listing.records)}))
    for path, group in groupby(sorted(listing.records, key=_path), key=_path):
        lines += _suite(path, list(group))
    if not listing.records:
        lines.append(_tag("testsuite", {"name": listing.name, **_counts(())}))
        lines.append(_tag("testcase", {"classname": "iobound", "name": listing.headline[0]}, closed=True))
        lines.append("</testsuite>")
    lines.append("</testsuites>")
    return "".join(f"{harmless.guarded(line)}\n" for line in lines)


def _path(record: Record) -> str:
    return record.path


def _failed(record: Record) -> bool:
    return record.fails


def _counts(records: Iterable[Record]) -> dict[str, object]:
    cases = list(records)
    return {"tests": len(cases) or 1, "failures": sum(map(_failed, cases)), "errors": 0}


def _suite(path: str, records: list[Record]) -> Iterator[str]:
    yield _tag("testsuite", {"name": path, **_counts(records)})
    for record in records:
        yield from _case(record)
    yield "</testsuite>"


def _case(record: Record) -> Iterator[str]:
    cell = "" if record.cell is None else f"cell {record.cell}, "
    name = f"{record.rule} at {cell}line {record.line}, column {record.column}"
    yield _tag("testcase", {"classname": record.path, "name": name, "file": record.path, "line": record.line})
    yield "<properties>"
    for key, value in {"severity": record.severity, **record.numbers}.items():
        if value is not None:
            yield _tag("property", {"name": key, "value": value}, closed=True)
    yield "</properties>"
    text = "\n".join(harmless.guarded(_escaped(line)) for line in _body(record))
    if _failed(record):
        yield f"{_tag('failure', {'type': record.rule, 'message': record.message})}{text}</failure>"
    else:
        yield f"<system-out>{text}</system-out>"
    yield "</testcase>"


def _body(record: Record) -> Iterator[str]:
    yield f"{record.place}: {record.rule} {record.message}"
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
