"""Which rules count, and where."""

from __future__ import annotations

import pytest

from iobound.model.finding import Confidence, Finding, Severity, Span
from iobound.model.gathered import LineRange
from iobound.model.scan_options import ScanOptions
from iobound.verbs.scan.selection import PerFile, is_on, select

KNOWN = ("IOB101", "IOB201", "IOB202", "IOB301")
DEFAULT = ("IOB101", "IOB201")

CASES = {
    "nothing said": ({}, "IOB101 IOB201"),
    "one rule": ({"select": ("IOB202",)}, "IOB202"),
    "none": ({"select": ()}, ""),
    "all": ({"select": ("ALL",)}, "IOB101 IOB201 IOB202 IOB301"),
    "a family": ({"select": ("IOB2",)}, "IOB201 IOB202"),
    "one more": ({"extend_select": ("IOB301",)}, "IOB101 IOB201 IOB301"),
    "one less": ({"ignore": ("IOB101",)}, "IOB201"),
    "a family less": ({"ignore": ("IOB2",)}, "IOB101"),
    "all of the usual less": ({"ignore": ("ALL",)}, ""),
    "a rule of an ignored family": ({"select": ("IOB201",), "ignore": ("IOB2",)}, "IOB201"),
    "a family but for one": ({"select": ("IOB2",), "ignore": ("IOB201",)}, "IOB202"),
    "the same both ways": ({"select": ("IOB201",), "ignore": ("IOB201",)}, ""),
    "all but a family": ({"select": ("ALL",), "ignore": ("IOB2",)}, "IOB101 IOB301"),
    "a rule beside all ignored": ({"extend_select": ("IOB2",), "ignore": ("ALL",)}, "IOB201 IOB202"),
    "one by one": ({"select": ("ALL",), "ignore": ("IOB2",), "extend_select": ("IOB202",)}, "IOB101 IOB202 IOB301"),
}


@pytest.mark.parametrize(("options", "expected"), CASES.values(), ids=CASES.keys())
def test_the_most_specific_decides(options: dict[str, tuple[str, ...]], expected: str) -> None:
    """As in ruff; `ignore` where both are as specific."""
    assert sorted(select(ScanOptions(**options), KNOWN, DEFAULT).selected) == expected.split()


def test_rules_can_be_left_out_by_file() -> None:
    """By directory, by name, by path, or everywhere else."""
    per_file = PerFile(
        [("tests/", ("IOB2",)), ("conftest.py", ("ALL",)), ("/a/*.py", ("IOB301",)), ("!src/", ("IOB1",))]
    )
    rules = select(ScanOptions(select=("ALL",)), KNOWN, DEFAULT)
    left = {path: sorted(per_file.within(path, rules).selected) for path in ("src/a.py", "x/tests/a.py", "a/b.py")}
    assert left == {"src/a.py": list(KNOWN), "x/tests/a.py": ["IOB301"], "a/b.py": ["IOB201", "IOB202"]}
    assert per_file.within("src/conftest.py", rules).selected == frozenset()


@pytest.mark.parametrize(
    ("line", "end", "expected"), [(1, 2, False), (1, 3, True), (4, 9, True), (5, 6, False), (7, 7, True)]
)
def test_a_finding_is_on_changed_lines_if_it_touches_one(line: int, end: int, expected: bool) -> None:
    """A loop whose body changed is another loop."""
    finding = Finding("IOB201", "a.py", Span(line, 0, end, 0), Severity.INFO, Confidence.LOW, "it waits")
    assert is_on(finding, (LineRange(3, 4), LineRange(7, 8))) is expected
