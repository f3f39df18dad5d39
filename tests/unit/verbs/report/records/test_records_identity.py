"""What code hosts and CI servers know records again by: nothing that may be otherwise in the next run."""

from __future__ import annotations

import json

import platform_readers as readers
import pytest
from finding_stories import LOOP, RULES
from finding_stories import STORIES as SCANS
from stories import CWD, STORIES
from suite_story import findings

from iobound.model.diagnosis import Advice, Check, CheckPlace
from iobound.model.finding import Confidence, Finding, ScanResult, Severity, Span
from iobound.model.prediction import Estimate, Strategy
from iobound.model.recording import Place
from iobound.verbs import report
from iobound.verbs.report.records.numbering import numbered
from iobound.verbs.report.records.record import Kind, Listing, Record

STYLE = report.TextStyle(unicode=True)
ROOTS = report.Roots(CWD, CWD)


def of_run(run):
    """A run as a listing."""
    return report.listing_of_run(run, roots=ROOTS, rules=RULES)


def cases(listing):
    """Every case as a CI server knows it: its suite, class and name."""
    root = readers.junit(report.render_listing(listing, "junit", style=STYLE))
    return [
        (suite.get("name"), case.get("classname"), case.get("name"))
        for suite in root.iter("testsuite")
        for case in suite.iter("testcase")
    ]


def prints(listing):
    """Fingerprints of a Code Quality report, in its order."""
    return [issue["fingerprint"] for issue in json.loads(report.render_listing(listing, "gitlab", style=STYLE))]


def advised(*advice, story="sequential_io", command=None, hottest=None):
    """A run with this advice: each a strategy, a gain, and the index of its site or none."""
    run = STORIES[story]()
    told = tuple(
        Advice(strategy, 8, site, Estimate(gain, gain, gain), f"{strategy} gain {gain}")
        for strategy, gain, site in advice
    )
    breakdown, recording = run.breakdown, run.recording
    if hottest is not None:
        breakdown = breakdown._replace(hotspots=(breakdown.hotspots[0]._replace(file=hottest),), sites=())
    if command is not None:
        recording = recording._replace(command=command)
    return run._replace(advice=told, breakdown=breakdown, recording=recording)


def test_advice_is_known_by_what_it_is_about_not_by_what_is_the_best_today():
    """Threads gain 6.9 and asyncio 6.8: the next run may measure it the other way around."""
    one = of_run(advised((Strategy.THREADS, 6.9, 0), (Strategy.ASYNCIO, 6.8, 0)))
    other = of_run(advised((Strategy.ASYNCIO, 6.9, 0), (Strategy.THREADS, 6.8, 0)))
    assert {record.rule for record in one.records} != {record.rule for record in other.records}
    assert prints(one) == prints(other)
    assert cases(one) == cases(other)
    assert ("download_all.py", "download_all.py", "advice for download in main") in cases(one)


def test_advice_on_the_whole_program_stands_in_no_file_that_the_next_run_may_find_cooler():
    """Of a module whose file is not seen the one that takes most of the time stands for it, for those who need one."""
    first, second = (
        of_run(advised((Strategy.RAISE_CPU_LIMIT, 2.0, None), command=("-m", "jobs"), hottest=f"{CWD}/lib/{name}.py"))
        for name in ("parse", "write")
    )
    assert [listing.records[0].path for listing in (first, second)] == ["lib/parse.py", "lib/write.py"]
    assert prints(first)[0] == prints(second)[0]
    assert ("iobound run", "iobound run", "advice") in cases(first)
    assert cases(first)[:2] == cases(second)[:2]


@pytest.mark.parametrize("command", [("-m", "app.jobs", "--all"), ("-mapp.jobs",)])
@pytest.mark.parametrize("file", ["app/jobs.py", "app/jobs/__main__.py"])
def test_a_module_stands_in_its_own_file(command, file):
    """Whichever file takes the time: that may be one of the standard library, which no code host shows."""
    run = advised((Strategy.RAISE_CPU_LIMIT, 2.0, None), command=command, hottest="/usr/lib/python3.13/ssl.py")
    seen = tuple(Place(f"{CWD}/{name}", "<module>", 1, 1) for name in ("myapp/jobs.py", file))
    listing = of_run(run._replace(recording=run.recording._replace(places=(*run.recording.places, *seen))))
    assert listing.records[0].path == file


def test_what_has_no_line_is_known_by_no_file():
    """Its file only stands for the whole: here that of most time."""
    first, second = (
        Record("loop-blocked", Severity.WARNING, "it stands still", "", path=path, function="result")
        for path in ("lib/parse.py", "lib/write.py")
    )
    listings = [Listing(Kind.RUN, ("x",), numbered([record])) for record in (first, second)]
    assert prints(listings[0]) == prints(listings[1])
    assert (
        cases(listings[0])[1:] == cases(listings[1])[1:] == [("iobound run", "iobound run", "loop-blocked in result")]
    )


def test_a_file_outside_of_the_repository_stands_for_nothing():
    """A code host has nothing to show there."""
    run = advised((Strategy.RAISE_CPU_LIMIT, 2.0, None), command=("-m", "jobs"), hottest="/usr/lib/python3.13/ssl.py")
    assert of_run(run).records[0].path == ""


@pytest.mark.parametrize("of", ["run", "scan", "suite"])
def test_a_check_is_one_case_wherever_its_number_comes_from(of):
    """Passed, failed at one line, failed at another: else a CI server sees two tests come and go."""

    def told(*places):
        check = Check("wait_sleep<0.1", not places, "0.3", "wait_sleep<0.1: wait_sleep is 30 %", places=places)
        if of == "run":
            return of_run(STORIES["sequential_io"]()._replace(checks=(check,), advice=()))
        if of == "scan":
            return report.listing_of_scan(SCANS["mixed"]()._replace(checks=(check,)), roots=report.Roots("/p", "/p"))
        return report.listing_of_suite(findings()._replace(checks=(check,)), roots=report.Roots("/p", "/p"))

    found = [told(), told(CheckPlace("app/a.py", 3, "a")), told(CheckPlace("app/b.py", 4, "b"))]
    known = [[case for case in cases(listing) if case[2].startswith("check ")] for listing in found]
    assert known == [[(f"iobound {of}", f"iobound {of}", "check wait_sleep<0.1")]] * 3
    assert len({listing.records[0].fingerprint for listing in found}) == 1


def scanned(*lines, cell=None):
    """A scan with a finding of one rule in one function at each of these lines."""
    found = tuple(
        Finding("IOB201", "app.py", Span(line, 4, line, 9), Severity.WARNING, Confidence.HIGH, LOOP.message,
                function="crawl", cell=cell)
        for line in lines
    )  # fmt: skip
    return report.listing_of_scan(ScanResult(found, RULES, 1, 9), roots=report.Roots("/p", "/p"))


def test_names_of_cases_have_no_lines():
    """A line that is written above would be a new failure, and one that was mended."""
    assert cases(scanned(3, 9)) == cases(scanned(13, 19)) == cases(scanned(3, 9, cell=2))
    assert [name for _, _, name in cases(scanned(3, 9))] == ["IOB201 in crawl", "IOB201 in crawl (2)"]


def test_cases_are_numbered_as_fingerprints_are():
    """By the source: what comes first there is the first, wherever it stands in the list."""
    listing = scanned(9, 3)
    names = [name for _, _, name in cases(listing)]
    assert names == ["IOB201 in crawl (2)", "IOB201 in crawl"]
    assert prints(listing) == prints(scanned(3, 9))[::-1]


def test_a_clean_scan_is_one_case_however_much_was_read():
    """The counts are what it says, not what it is called."""
    clean, larger = (report.listing_of_scan(ScanResult((), RULES, files, files)) for files in (3, 4))
    assert cases(clean) == cases(larger) == [("iobound scan", "iobound scan", "findings")]
    assert "No findings in 4 files" in report.render_listing(larger, "junit", style=STYLE)
