"""What a comparison is as records: which changes, at which lines, and how bad they are."""

from __future__ import annotations

import pytest
from comparison_stories import one, plain, run, several, worse
from stories import CWD

from iobound.model.finding import Severity
from iobound.pipeline import comparing
from iobound.verbs import compare, report

ROOTS = report.Roots(CWD, CWD)
STYLE = report.TextStyle(unicode=True)


def compared(base, head):
    """Two documents, one run a side."""
    return compare.compare(one(base, "base.json"), one(head, "head.json"))


def records(found, roots=ROOTS):
    """By rule and what it is about."""
    return {record.case or record.rule: record for record in report.listing_of_comparison(found, roots=roots).records}


def test_each_regression_is_a_record_in_its_order():
    """With the paths that `--fail-on` takes; none of them is a failed test by itself."""
    found = compared(plain(), worse())
    told = report.listing_of_comparison(found, roots=ROOTS).records
    assert [record.case.removeprefix("worse ") or f"findings[{record.rule}]" for record in told] == list(found.worse)
    assert {record.severity for record in told} == {Severity.WARNING}
    assert not any(record.fails or record.passed for record in told)


def test_what_is_better_passes_and_is_nothing_in_source():
    """The same the other way round: no annotation, no issue, no result, but tests that passed."""
    found = compared(worse(), plain())
    listing = report.listing_of_comparison(found, roots=ROOTS)
    assert len(listing.records) == len(found.better) == 6
    assert all(record.passed and record.severity is Severity.INFO for record in listing.records)
    assert report.render_listing(listing, "gitlab", style=STYLE).strip() == "[]"
    (line,) = report.render_listing(listing, "github", style=STYLE).splitlines()
    assert line.startswith("::notice title=iobound compare::changed beyond noise: 6 better")
    log = report.render_listing(listing, "log", style=STYLE).splitlines()
    assert len([line for line in log if line.startswith("change: better: ")]) == 5
    gone = next(record for record in listing.records if record.rule.startswith("IOB"))
    assert (gone.path, gone.line) == ("download_all.py", None), "its line is another's by now"


def test_a_wait_stands_where_head_waits_so_for_longest():
    """Whatever its target is called; the run stands where most more of its time is."""
    head = worse()
    half = {**head["waits"][0], "count": 120}
    head["waits"][0] = {**half, "wall_s": 8.0, "thread_s": 8.0}
    head["waits"].append({**half, "wall_s": 8.38, "thread_s": 8.38, "line": 99})
    found = records(compared(plain(), head))
    assert found['worse waits["files.example.org:443"].count'].line == 99
    assert found['worse waits["db:5432"].count'].line == 14
    assert (found["worse wall_s"].line, found["worse wall_s"].function) == (14, "download")


@pytest.mark.parametrize("file", ["/usr/lib/python3.13/socket.py", "<string>", "/other/checkout/x.py"])
def test_what_is_outside_of_the_repository_stands_at_the_script(file):
    """A code host has nothing to show there."""
    head = worse()
    for wait in head["waits"]:
        wait["file"] = file
    record = records(compared(plain(), head))['worse waits["db:5432"].wall_s']
    assert (record.path, record.line) == ("download_all.py", None)


def test_names_start_at_the_root_of_the_repository():
    """Wherever the runs were started in it."""
    record = records(compared(plain(), worse()), report.Roots(CWD, CWD.rpartition("/")[0]))["worse wall_s"]
    assert record.path == f"{CWD.rpartition('/')[2]}/download_all.py"


def test_fingerprints_do_not_depend_on_how_large_a_change_is():
    """A host that shows an alert again because a number changed is soon not read."""
    small, large = (records(compared(plain(), run(waiting=by, count=by))) for by in (1.5, 2.5))
    assert set(small) == set(large)
    assert all(small[case].fingerprint == large[case].fingerprint for case in small)
    assert len({record.fingerprint for record in small.values()}) == len(small)


@pytest.mark.parametrize(
    ("head", "advice"),
    [
        (lambda: several(5, 2, waiting=1.4, count=1.4), "look at `download_all.py:14`, in `download`: waits for "),
        (
            lambda: several(5, 2, waiting=1.4),
            "look at what is asked at `download_all.py:14`, in `download`, and at what ",
        ),
        (lambda: several(5, 2, computing=4.0), "look at `download_all.py:19`, in `parse`: CPU time "),
        (lambda: several(5, 2), "nothing to do"),
        (lambda: one(plain(), "head.json"), "nothing to do; 3 runs or more a side would show smaller changes"),
    ],
)
def test_the_advice_is_about_what_made_it_worse(head, advice):
    """More waits, longer ones, computing; or that there is nothing to do."""
    listing = report.listing_of_comparison(compare.compare(several(5, 1), head()), roots=ROOTS)
    assert listing.headline[1].startswith(advice)


def test_nobody_answers_a_sleep():
    """It is not asked for less, nor slow: it is where somebody wrote that it should sleep."""
    sides = [several(5, 1), several(5, 2, waiting=1.4)]
    for _, document in (*sides[0], *sides[1]):
        for wait in document["waits"]:
            wait.update(state="wait_sleep", target="")
    listing = report.listing_of_comparison(compare.compare(*sides), roots=ROOTS)
    assert listing.headline[1].startswith(
        "look whether it has to sleep so long at `download_all.py:14`, in `download`: "
    )


def test_a_check_that_is_not_judged_says_why():
    """As of other machines: not that the report says nothing."""
    head = worse()
    head["machine"]["cpus"] += 1
    (check,) = comparing.held(compared(plain(), head), comparing.gates(["wall_s.change > 10%"])).checks
    assert not check.passed
    assert check.text.endswith("must not be: wall_s.change is not measurable here: not judged: different machines")
