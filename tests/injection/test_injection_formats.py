"""Whatever the target is called, every format can be read, has what it has for honest names, and shows it as data."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hostile import EVERY, HUGE
from injection_kinds import CASES, documents_of, written
from injection_readers import READERS

from iobound.verbs import compare, report
from iobound.verbs.report import harmless

TAME = "fetch"
COMMAND = re.compile(r"^\s*::|##\w*\[|^(?:---|\+\+\+|~~~|\^\^\^)(?:\s|$)", re.MULTILINE)
"""What GitHub, Azure Pipelines, TeamCity and Buildkite take for a command; those of GitLab want control characters."""

_SQUEEZED = re.compile(r"[\s\\`]+")


def read_by(kind, format):
    return READERS.get(f"{kind} {format}") or READERS[format]


@cache
def tame(kind, format):
    return read_by(kind, format)(written(kind, format, TAME)).skeleton


@pytest.mark.parametrize(("kind", "format"), CASES)
def test_every_format_has_a_reader(kind, format):
    """One that is new fails here until somebody says how it is read."""
    assert format in READERS
    assert identified(TAME, read_by(kind, format)(written(kind, format, TAME)).shown)


@pytest.mark.parametrize(("kind", "format"), CASES)
def test_names_are_data(kind, format):
    """Nothing in a report acts on a terminal, a CI system or a browser, and nothing is lost or added by a name."""
    faults = []
    for number, text in enumerate(EVERY):
        try:
            require_harmless(kind, format, text)
        except Exception as fault:  # every reader complains in its own way; all are shown together
            faults.append(f"{number} {text[:60]!a}: {type(fault).__name__}: {str(fault).splitlines()[0][:300]}")
    if faults:
        pytest.fail(f"{len(faults)} of {len(EVERY)}\n" + "\n".join(faults), pytrace=False)


@pytest.mark.parametrize(("kind", "format"), CASES)
def test_a_name_of_a_megabyte_is_shortened(kind, format):
    """A report does not grow with it without bound, and says that something was left out."""
    text = require_harmless(kind, format, HUGE)
    assert len(text) < 3_000_000
    assert len(text) < len(HUGE) or text.count("…") + text.count("\\u2026") > 10


@pytest.mark.parametrize("text", [TAME, HUGE, *EVERY[::10]], ids=lambda text: ascii(text[:20]))
def test_what_is_compared_are_reports(text):
    """Whatever they say, they are taken for what they are, so that the cases above are none of a usage error."""
    assert [compare.why_invalid(document, report.schema()) for document in documents_of(text)] == ["", ""]


def require_harmless(kind, format, text):
    """Fail unless all holds that must of a report full of this text; the report."""
    told = written(kind, format, text)
    told.encode()
    for line in told.split("\n"):
        require(line.isprintable(), f"not printable: {line[:100]!a}")
    if command := COMMAND.search(told):
        ours = format == "github" and set(map(_first, told.splitlines())) <= {"::"}
        require(ours, f"a command: {told[command.start() : command.end() + 30]!a}")
    read = read_by(kind, format)(told)
    if text.strip():
        require(read.skeleton == tame(kind, format), difference(read.skeleton, tame(kind, format)))
        require(identified(text, read.shown), f"not to be recognised in {read.shown[:200]!a}")
    return told


def require(holds, otherwise):
    """`assert` without an explanation, which would be longer than the report."""
    if not holds:
        raise AssertionError(otherwise)


def _first(line):
    return line[:2]


def identified(text, shown):
    """Whether somebody who knows the name finds it: escaped, or with its middle left out and marked so."""
    seen = squeezed(shown)
    for escaped in {harmless.inline(text, 10_000_000), harmless.exact(text, 10_000_000)}:
        wanted = squeezed(escaped)
        if not wanted or wanted in seen:
            return True
        if "…" in seen and len(wanted) > 12 and (wanted[:12] in seen or wanted[-12:] in seen):
            return True
    return False


def squeezed(text):
    """Without white space, backslashes and backticks: lines are broken anywhere, escapes escaped, and quotes code."""
    return _SQUEEZED.sub("", text)


def difference(one, other):
    """Where two skeletons part."""
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for left, right in zip(one, other, strict=True):
            if left != right:
                return difference(left, right)
    return f"{str(one)[:140]} instead of {str(other)[:140]}"
