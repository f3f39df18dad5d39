"""What code scanning keeps results apart by, what it says of rules, and which files it names."""

from __future__ import annotations

import json

import platform_readers as readers
import pytest
from finding_stories import RULES
from finding_stories import STORIES as SCANS
from stories import CWD, STORIES
from suite_story import findings

from iobound.model.finding import Confidence, RuleNote, Severity
from iobound.verbs import report
from iobound.verbs.report.records.record import Kind, Listing, Record

ROOTS = report.Roots(CWD, CWD)


def sarif(listing):
    """The one run of the log."""
    return readers.sarif(report.render_listing(listing, "sarif", style=report.TextStyle(unicode=True)))


def run_of(*command):
    """A run of this command."""
    run = STORIES["sequential_io"]()
    run = run._replace(recording=run.recording._replace(command=command))
    return report.listing_of_run(run, roots=ROOTS, rules=RULES)


def category(listing):
    """As code scanning reads it: the id up to its last slash."""
    return sarif(listing)["automationDetails"]["id"].rpartition("/")[0]


def test_a_scan_a_suite_and_runs_of_two_programs_take_away_nothing_from_one_another():
    """Results of one category replace those that were there, and a job may upload one of each category only."""
    below = findings().run._replace(rootdir="/p/web")
    found = [
        category(report.listing_of_scan(SCANS["mixed"](), roots=report.Roots("/p/web", "/p"))),
        category(report.listing_of_suite(findings(), roots=report.Roots("/p", "/p"))),
        category(report.listing_of_suite(findings()._replace(run=below), roots=report.Roots("/p", "/p"))),
        category(run_of("fetch.py")),
        category(run_of("jobs/clean.py")),
    ]
    assert found == [
        "iobound/scan",
        "iobound/suite",
        "iobound/suite/web",
        "iobound/run/fetch.py",
        "iobound/run/jobs/clean.py",
    ]


@pytest.mark.parametrize(
    ("command", "subject"),
    [
        (("fetch.py", "--size", "3"), "/fetch.py"),
        ((f"{CWD}/fetch.py", "--size", "4"), "/fetch.py"),
        (("-m", "app.fetch", "3"), "/app.fetch"),
        (("-mapp.fetch",), "/app.fetch"),
        (("/opt/tools/fetch.py",), "/fetch.py"),
        (("-c", "print(1)"), ""),
        (("-",), ""),
        ((), ""),
        (("a\nb/c.py",), r"/a\nb/c.py"),
    ],
)
def test_a_program_has_one_category_whatever_it_is_given_and_wherever_the_checkout_is(command, subject):
    """Else the next run leaves the alerts of this one open for good."""
    assert category(run_of(*command)) == f"iobound/run{subject}"


def described(text):
    """The descriptions of a rule with this documentation."""
    note = RuleNote("IOB1", "name", "In short.", Severity.INFO, Confidence.HIGH, text)
    [rule] = sarif(Listing(Kind.SCAN, ("x",), notes={"IOB1": note}))["tool"]["driver"]["rules"]
    return rule["shortDescription"]["text"], rule["fullDescription"]["text"]


def test_the_full_description_says_more_than_the_short_one():
    """Where the documentation does; it is text, so what stands below headings is left to the help."""
    assert described("At length. It\nstops.\n\nAnd more.\n\n## Bad\n\ncode") == (
        "In short.",
        "At length. It stops. And more.",
    )
    assert described("## Bad\n\ncode") == described("") == ("In short.", "In short.")
    whole = described("A sentence. " * 200)[1]
    assert whole.endswith("A sentence.") and 1_000 < len(whole) <= 1_024


@pytest.mark.parametrize(
    ("path", "uri"),
    [("C:/lib/a b.py", "file:///C:/lib/a%20b.py"), ("/lib/a:b.py", "file:///lib/a%3Ab.py"), ("a:b.py", "a%3Ab.py")],
)
def test_files_elsewhere_are_named_by_their_whole_address(path, uri):
    """A drive is no folder of the repository."""
    record = Record("IOB1", Severity.INFO, "found", "0" * 32, path=path, line=1)
    log = json.loads(report.render_listing(Listing(Kind.SCAN, ("x",), (record,)), "sarif", style=report.TextStyle()))
    [result] = log["runs"][0]["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uri"] == uri
    assert ("uriBaseId" in artifact) == (not uri.startswith("file:"))


@pytest.mark.parametrize(
    "change",
    [
        {"automationDetails": {"id": ""}},
        {"automationDetails": {"id": "iobound/run/fetch.py"}},
        {"automationDetails": {"id": "iobound/run//tmp/fetch.py/"}},
    ],
)
def test_the_reader_refuses_what_makes_no_category_of_its_own(change):
    """The last part of an id is no part of the category."""
    log = json.loads(report.render_listing(run_of("fetch.py"), "sarif", style=report.TextStyle()))
    log["runs"][0] |= change
    with pytest.raises(readers.NotUnderstood):
        readers.sarif(json.dumps(log))
