"""The log: verdict, advice, then one fact a line, for people in a hurry and for `grep`."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from finding_stories import LOOP
from finding_stories import STORIES as SCANS
from hypothesis import given
from hypothesis import strategies as st
from stories import STORIES

from iobound.model.finding import ScanResult, Severity, Span
from iobound.verbs import report
from iobound.verbs.report.records import log
from iobound.verbs.report.records.of_scan import listing_of
from iobound.verbs.report.records.record import Detail, Kind, Listing, Record
from iobound.verbs.report.records.roots import Roots

STYLE = report.TextStyle(width=80, unicode=True)
LINE = re.compile(rf"({'|'.join(log.WORDS)}): \S.*")


def lines_of(listing, style=STYLE):
    """The log of a listing."""
    text = log.render(listing, style)
    assert text.endswith("\n")
    return text.removesuffix("\n").split("\n")


def listing(records=(), details=(), headline=("verdict", "advice"), of=Kind.RUN, **rest):
    """A listing of that."""
    return Listing(of, headline, tuple(records), details=tuple(details), **rest)


def record(rule="IOB101", message="it sleeps", **rest):
    """A record with what it must have."""
    return Record(rule, Severity.WARNING, message, "0" * 32, **rest)


@pytest.mark.parametrize("story", STORIES)
def test_every_line_of_a_run_begins_with_a_stable_word(story):
    """First the verdict, then the advice, and no more than thirty others."""
    lines = report.render(STORIES[story](), "log", style=STYLE).splitlines()
    assert all(LINE.fullmatch(line) for line in lines)
    assert lines[0].startswith(f"verdict: {STORIES[story]().verdict.bound.value} - ")
    assert lines[1].startswith("advice: ")
    assert len(lines) <= 2 + log.MOST


@pytest.mark.parametrize("story", SCANS)
def test_every_line_of_a_scan_does_so_too(story):
    """Its verdict is what was found; its advice the next step of the worst."""
    lines = report.render_findings(SCANS[story](), "log", style=STYLE).splitlines()
    assert all(LINE.fullmatch(line) for line in lines)
    assert [line.partition(":")[0] for line in lines[:2]] == ["verdict", "advice"]


def test_words_come_in_one_order():
    """So that two logs can be laid side by side."""
    order = [line.partition(":")[0] for line in report.render(STORIES["two_phases"](), "log", style=STYLE).splitlines()]
    checks = order[2:].count("check")
    assert order[2 : 2 + checks] == ["check"] * checks
    after = [log.WORDS.index(word) for word in order[2 + checks :]]
    assert after == sorted(after)


def test_a_place_stands_behind_the_word_as_editors_take_it():
    """`file:line`, then what is there."""
    where = record(place="app/poll.py:12:9", help="await it")
    assert lines_of(listing([where]))[2] == "finding: app/poll.py:12:9: IOB101 warning: it sleeps. Help: await it"
    assert lines_of(listing(details=[Detail("wait", "for a socket", "a.py:3")]))[2] == "wait: a.py:3: for a socket"


def test_of_two_hundred_findings_thirty_lines_stay_and_the_last_counts_the_rest():
    """And says where all of them are."""
    found = tuple(LOOP._replace(span=Span(at, 0, at, 9)) for at in range(1, 201))
    many = listing_of(ScanResult(found), Roots())
    lines = lines_of(many)
    assert len(lines) == 2 + log.MOST
    assert lines[-1] == "more: 171 lines left out; all is in `--report text:FILE`"
    assert sum(line.startswith("finding: ") for line in lines) == 29


def test_exactly_thirty_need_no_line_that_counts():
    """There is nothing left out."""
    lines = lines_of(listing(details=[Detail("wait", f"{at}") for at in range(30)]))
    assert lines[-1] == "wait: 29" and len(lines) == 32


def test_many_of_one_word_leave_room_for_others():
    """A thousand findings must not hide what was waited for."""
    details = [Detail(word, f"{at}") for word in ("wait", "line", "unknown", "overhead") for at in range(40)]
    lines = lines_of(listing([record(message=f"{at}") for at in range(1000)], details))
    counts = Counter(line.partition(":")[0] for line in lines[2:])
    assert min(counts[word] for word in ("wait", "line", "finding", "unknown", "overhead")) >= 3
    assert counts["more"] == 1
    assert [line for line in lines if line.startswith("wait:")][:2] == ["wait: 0", "wait: 1"]


@pytest.mark.parametrize(("failed", "others"), [(22, 7), (28, 1), (29, 0), (40, 0)])
def test_no_check_that_failed_is_left_out(failed, others):
    """They are why the command ends as it does: all else gives way, and is counted."""
    checks = [record("check", f"wall_s<{number}", case=f"{number}", fails=True) for number in range(failed)]
    held = [record("check", f"cpu_s<{number}", case=f"held {number}", passed=True) for number in range(20)]
    facts = [Detail(word, f"{word} {number}") for word in ("state", "line", "note") for number in range(9)]
    lines = lines_of(listing([*held, *checks], facts))
    assert sum(line.startswith("check: failed: ") for line in lines) == failed
    assert len(lines) == 2 + failed + others + 1
    assert lines[-1].startswith(f"more: {20 + 27 - others} lines left out; ")


def test_the_last_line_counts_all_that_there_is():
    """Not only as much as the longest log could have held of each."""
    run = STORIES["sequential_io"]()
    [spot, *_] = run.breakdown.hotspots
    spots = tuple(spot._replace(line=number + 1) for number in range(70))
    run = run._replace(breakdown=run.breakdown._replace(hotspots=spots))
    lines = report.render(run, "log", style=STYLE).splitlines()
    seen = report.listing_of_run(run, roots=report.Roots())
    records = [each for each in seen.records if each.rule.startswith(("IOB", "advice-", "check"))]
    assert len([detail for detail in seen.details if detail.word == "line"]) == 70
    assert lines[-1].startswith(f"more: {len(seen.details) + len(records) + 1 - 29} lines left out; ")


def test_the_option_that_shows_all_is_the_one_of_the_command():
    """pytest has others."""
    many = [Detail("test", str(at)) for at in range(99)]
    assert "`--iobound-report text:FILE`" in lines_of(listing(details=many, of=Kind.SUITE))[-1]


def test_checks_say_whether_they_hold():
    """Those that do not come first."""
    held = record("check", "a<1: seen 0", passed=True)
    broken = record("check", "b<1: seen 2", fails=True)._replace(severity=Severity.ERROR)
    assert lines_of(listing([held, broken]))[2:] == ["check: failed: b<1: seen 2", "check: passed: a<1: seen 0"]


def test_checks_begin_alike_wherever_they_stand():
    """So that one pattern finds all that failed; where it is stands at the end of what they say."""
    placed = record("check", "b<1: b is 2, at a.py:3 (f)", fails=True, place="a.py:3")
    assert lines_of(listing([placed]))[2:] == ["check: failed: b<1: b is 2, at a.py:3 (f)"]


def test_what_the_second_line_says_is_not_said_again():
    """Only what is added to it: the place, and why."""
    first = record("advice-threads", "each waits 50 ms", title="run it on 8 threads: 3 ×", place="a.py:3")
    said = listing([first], headline=("v", "run it on 8 threads: 3 × for the whole program"))
    assert lines_of(said)[2:] == ["advice: a.py:3: each waits 50 ms"]
    whole = first._replace(message="each waits", place="", title="")
    assert len(lines_of(listing([whole], headline=("v", "leave it: each waits")))) == 2


def test_there_are_always_two_lines():
    """Also of a scan that found nothing."""
    assert lines_of(Listing(Kind.SCAN, ("No findings in 3 files",))) == [
        "verdict: No findings in 3 files",
        "advice: nothing to change",
    ]


def test_without_unicode_it_is_ascii():
    """As some logs are."""
    text = "\n".join(lines_of(listing(details=[Detail("line", "main → sleep, 3 ×")]), STYLE._replace(unicode=False)))
    assert text.isascii()


@given(st.text(max_size=600), st.text(max_size=40), st.text(max_size=40))
def test_whatever_a_name_holds_a_fact_stays_one_line(text, place, file):
    """Nothing is a control sequence, a line end, or a command at the start of a line or within it."""
    found = listing([record(message=text, place=file)], [Detail("wait", text, place)], headline=(text, text))
    lines = lines_of(found)
    assert len(lines) == 4
    for line in lines:
        assert line.isprintable() and len(line) <= log.LONGEST
        assert not line.startswith("::") and not re.search(r"(?i)##(vso)?\[", line)
        assert line.partition(":")[0] in log.WORDS
