"""Findings have a place that editors take, and a fingerprint that outlives the lines around them."""

from __future__ import annotations

import pytest
from finding_stories import CELL, CHAIN, LOOP, SLEEP
from hypothesis import given
from hypothesis import strategies as st

from iobound.model.finding import ScanResult, Severity, Span
from iobound.verbs.report.records.of_scan import listing_of
from iobound.verbs.report.records.roots import Roots, rooted

HERE = Roots("/home/ann/project/web", "/home/ann/project")


def prints(*findings, roots=HERE):
    """The fingerprints of findings."""
    return [record.fingerprint for record in listing_of(ScanResult(findings), roots).records]


def test_columns_of_places_count_from_1():
    """As editors count them; cells of notebooks are named."""
    places = [record.place for record in listing_of(ScanResult((LOOP, CELL)), HERE).records]
    assert places == ["app/crawl.py:24:5", "notebooks/explore.ipynb:cell 3:4:5"]


def test_a_fingerprint_stays_when_lines_and_words_change():
    """Code is written above, and the message is reworded in a later version."""
    moved = LOOP._replace(span=Span(99, 0, 99, 4), message="other words", weight_s=7.0, excerpt="x")
    assert prints(LOOP) == prints(moved)


@pytest.mark.parametrize("change", [{"rule": "IOB202"}, {"file": "app/other.py"}, {"function": "crawl_all"}])
def test_a_fingerprint_tells_rule_file_and_function(change):
    """Each of them makes another finding."""
    assert prints(LOOP) != prints(LOOP._replace(**change))


def test_findings_of_one_function_are_numbered():
    """The same rule may speak of several places in it."""
    assert len(set(prints(LOOP, LOOP, LOOP))) == 3


def test_a_fingerprint_does_not_depend_on_where_the_scan_was_started():
    """From the root or from a folder in it, the file is the same."""
    there = LOOP._replace(file="web/app/crawl.py")
    assert prints(LOOP) == prints(there, roots=Roots("/home/ann/project", "/home/ann/project"))
    assert prints(LOOP) == prints(LOOP._replace(file="/home/ann/project/web/app/crawl.py"))


@given(st.lists(st.text(max_size=3), min_size=6, max_size=6))
def test_fingerprints_differ_wherever_parts_do(parts):
    """However rule, path and function would run together as one text."""
    one, other = (LOOP._replace(rule=a, file=b or "x", function=c) for a, b, c in (parts[:3], parts[3:]))
    first, second = (prints(finding, roots=Roots())[0] for finding in (one, other))
    same = (one.rule, rooted(one.file, Roots()), one.function) == (
        other.rule,
        rooted(other.file, Roots()),
        other.function,
    )
    assert (first == second) == same


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("app.py", "web/app.py"),
        ("./app.py", "web/app.py"),
        ("../lib/app.py", "lib/app.py"),
        ("/home/ann/project/lib/app.py", "lib/app.py"),
        ("/home/ann/project-2/app.py", "/home/ann/project-2/app.py"),
        ("../../else/app.py", "/home/ann/else/app.py"),
        ("/etc//x.py", "/etc/x.py"),
        ("C:/code/app.py", "C:/code/app.py"),
        ("-", "-"),
    ],
)
def test_code_hosts_want_names_from_the_root_of_the_repository(file, path):
    """Wherever the scan was started, and however the file was asked for."""
    assert rooted(file, HERE) == path


def test_the_worst_come_first():
    """Severity before weight, and what is not known to weigh anything last."""
    unknown = LOOP._replace(weight_s=None)
    findings = (unknown, CHAIN, CELL, LOOP, SLEEP)
    order = listing_of(ScanResult(findings), HERE).worst_first()
    told = [(record.rule, record.line, record.worth) for record in order]
    assert told == [(each.rule, each.line, each.weight_s) for each in (SLEEP, LOOP, CHAIN, unknown, CELL)]


def test_findings_are_counted_by_severity():
    """Each once."""
    listing = listing_of(ScanResult((LOOP, CHAIN, CELL, SLEEP)), HERE)
    assert [listing.count(severity) for severity in Severity] == [1, 2, 1]
