"""A check that holds of what a document lists passes only where there is no more than that."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from stories import STORIES

from iobound.model.diagnosis import Check
from iobound.verbs import gate, report
from iobound.verbs.report import as_json

Document = dict[str, Any]


@pytest.fixture
def run() -> Document:
    """The report of a program that downloads one file after another."""
    return copy.deepcopy(as_json.document(STORIES["sequential_io"]()))


def hold(text: str, document: Document, **how: bool) -> Check:
    return gate.hold(gate.parse(text, gate.of_run(report.schema())), document, **how)


def refuse(text: str, document: Document, why: str, **how: bool) -> None:
    held = hold(text, document, **how)
    assert not held.passed
    assert held.seen is None
    assert "not measurable here: " in held.text
    assert why in held.text


# -- findings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    ["count(findings[IOB999]) = 0", "count(findings) <= 9", "findings.severity != error", "findings.share < 1%"],
)
def test_what_was_not_scanned_may_have_what_must_not_be(run: Document, asked: str) -> None:
    """It passes of a file that nobody has looked at."""
    run["findings"][0]["share"] = 0.0
    run["findings"] = run["findings"][:1]
    assert hold(asked, run).passed
    run["unscanned"] = "2 of the program's own files were not scanned: there is too much source"
    refuse(asked, run, "2 of the program's own files were not scanned")


def test_a_finding_that_is_there_is_there(run: Document) -> None:
    """However much was not scanned; and one that must not be there fails with what was seen."""
    run["unscanned"] = "1 of the program's own files was not scanned"
    assert hold("count(findings[IOB201]) >= 1", run).passed
    assert hold("count(findings[IOB201]) != 0", run).passed
    assert hold("count(findings[IOB201]) = 0", run).seen == "1"


def test_nothing_is_found_where_no_file_was_seen_running(run: Document) -> None:
    """Of a shell script, or of `python -c`."""
    run["findings"], run["hotspots"] = [], [{**run["hotspots"][0], "file": "<string>"}]
    refuse("count(findings) = 0", run, "no file of the program's own was seen running")


@pytest.mark.parametrize("asked", ["count(findings) = 0", "count(advice) = 0", "count(advice[threads]) = 0"])
def test_without_stacks_there_is_nothing_to_find(run: Document, asked: str) -> None:
    """The stacks say which files ran, and what could be done at once."""
    run["findings"], run["advice"] = [], []
    assert hold(asked, run).passed
    run["capabilities"] = [{"fact": "python_stacks", "source": "x", "available": False, "why": "no agent started"}]
    refuse(asked, run, "no agent started")


# -- verdicts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    ["bound != gil", "bound != cpu", "share > 1%", "dominant = wait_network", "speed_up.low < 50", "count(advice) < 9",
     "strategy != processes", "verdict.low > 1%"],
)  # fmt: skip
def test_a_verdict_that_is_inconclusive_says_nothing(run: Document, asked: str) -> None:
    """Neither of what the program is bound by nor of what would help."""
    assert hold(asked, run).passed
    run["verdict"]["bound"] = "inconclusive"
    refuse(asked, run, "the verdict is inconclusive")


def test_that_it_is_inconclusive_can_be_asked_for(run: Document) -> None:
    """And is what is seen where something else was to be."""
    run["verdict"]["bound"] = "inconclusive"
    assert hold("bound = inconclusive", run).passed
    assert hold("bound != inconclusive", run).seen == "inconclusive"
    assert hold("bound = io", run).seen == "inconclusive"


def test_each_function_has_a_verdict_of_its_own() -> None:
    """That of one says nothing of another, nor that of the run."""
    run = copy.deepcopy(as_json.document(STORIES["advised"]()))
    open_, *others = sorted(run["functions"], key=lambda each: each["verdict"]["bound"] != "inconclusive")
    assert open_["verdict"]["bound"] == "inconclusive"
    assert others[0]["verdict"]["bound"] != "inconclusive"
    refuse(f'functions["{open_["name"]}"].verdict.bound != gil', run, "the verdict is inconclusive")
    assert hold(f'functions["{others[0]["name"]}"].verdict.bound != gil', run).passed
    assert hold("verdict.bound != gil", run).passed


@pytest.mark.parametrize(
    "asked",
    ["bound != gil", "dominant != wait_gil", "count(waits[state=wait_gil]) = 0",
     "waits.state != wait_gil"],
)  # fmt: skip
def test_a_queue_for_the_gil_that_nobody_sees_may_be_there(run: Document, asked: str) -> None:
    """As it may be where its share is asked for."""
    assert hold(asked, run).passed
    refuse(asked, {**run, "source": "portable"}, "who waits for the GIL is not seen on this system")
    assert hold(asked, {**run, "source": "portable", "interpreter": {"gil_enabled": False}}).passed


# -- looks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    ["sum(waits.wall_s) < 100", "loop_blocked = 0", "event_loops.longest_block_s < 1", "hotspots.share < 99%",
     "count(findings) < 9", "speed_up.low < 50", "strategy != processes", "waits.state != wait_sleep",
     "predictions[threads][0].low < 50"],
)  # fmt: skip
def test_few_looks_do_not_say_what_there_was_not(run: Document, asked: str) -> None:
    """As few as those of which `compare` compares nothing either."""
    run["event_loops"] = copy.deepcopy(as_json.document(STORIES["asyncio_blocked"]()))["event_loops"]
    run["event_loops"][0].update(blocks=[], longest_block_s=0.0)
    run["overhead"]["samples"] = 50
    assert hold(asked, run).passed
    run["overhead"]["samples"] = 49
    refuse(asked, run, "only 49 looks were taken, and 50 are the fewest that say what there was not")


@pytest.mark.parametrize(
    "asked",
    ["count(waits) > 0", "sum(waits.wall_s) > 1", "bound = io", "wall_s < 100", "strategy = threads", "exit_code = 0",
     "totals.context_switches.voluntary <= 300", "min(waits.count) < 97"],
)  # fmt: skip
def test_few_looks_are_enough_for_what_they_saw_and_for_what_is_counted(run: Document, asked: str) -> None:
    """More of them could not break it."""
    run["overhead"]["samples"] = 49
    assert hold(asked, run).passed


# -- rows and counts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "passed"),
    [
        ("sum(waits[state=wait_network].wall_s) < 100", False), ("count(waits) <= 2", False),
        ("max(waits.count) = 120", False), ("min(waits.count) > 9", False), ("count(waits) > 1", True),
        ("max(waits.count) > 9", True), ("min(waits.count) < 97", True), ("waits[0].wall_s < 100", True),
        ("count(hotspots) < 99", True),
    ],
)  # fmt: skip
def test_rows_that_there_was_no_room_for_count_towards_a_whole_list(run: Document, asked: str, passed: bool) -> None:
    """Where they could break it; what is asked of single rows is asked of those that there are."""
    assert hold(asked, run).passed
    run["left_out"]["waits"] = 300
    if passed:
        assert hold(asked, run).passed
    else:
        refuse(asked, run, "there was no room for 300 more of waits")


def test_what_must_not_be_may_be_in_what_was_left_out(run: Document) -> None:
    """There the bound is the other way round."""
    run["left_out"]["waits"] = 1
    refuse("count(waits) > 2", run, "no room for 1 more", forbidden=True)
    assert hold("count(waits) < 1", run, forbidden=True).passed


def test_waits_shorter_than_two_looks_have_no_known_count(run: Document) -> None:
    """1,000 of 1 ms are seen as 70."""
    network = "waits[state=wait_network].count"
    asked = [f"sum({network}) <= 300", f"{network} <= 300", f"sum({network}) = 120"]
    assert all(hold(each, run).passed for each in asked)
    next(wait for wait in run["waits"] if wait["state"] == "wait_network")["count_known"] = False
    for each in asked:
        refuse(each, run, "120 were seen of waits shorter than two looks, of which any number is missed")
    assert hold(f"sum({network}) >= 100", run).passed
    assert hold("waits[state=wait_disk].count <= 300", run).passed
    assert hold("sum(waits.wall_s) < 100", run).passed
    assert hold(f"sum({network}) <= 100", run).seen == "120"


# -- how it ended -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "ended", "killed"),
    [("signal != 9", True, False), ("signal = none", True, False), ("signal = 9", False, True),
     ("signal > 8", False, True), ("signal != none", False, True), ("processes.signal != 9", True, False)],
)  # fmt: skip
def test_what_has_an_exit_code_was_ended_by_no_signal(run: Document, asked: str, ended: bool, killed: bool) -> None:
    """Then it is known; where neither was seen it is not."""
    assert run["exit_code"] == 0
    held = hold(asked, run)
    assert (held.passed, held.seen) == (ended, "none")
    for each in (run, *run["processes"]):
        each.update(exit_code=None, signal=9)
    assert hold(asked, run).passed is killed
    for each in (run, *run["processes"]):
        each["signal"] = None
    refuse(asked, run, "the report says nothing of it")


# -- comparisons ------------------------------------------------------------------------------------------------


def compared(asked: str, not_compared: dict[str, str], **changed: Any) -> Check:
    """What must not be, of a comparison in which nothing is known to have changed."""
    document = {
        "schema": "iobound.comparison/1", "changed": False, "regressions": 0, "worse": [], "better": [], "waits": [],
        "hotspots": [], "findings": [], "advice": [], "not_compared": not_compared, **changed,
    }  # fmt: skip
    return gate.hold(gate.parse(asked, gate.of_comparison(report.comparison_schema())), document, forbidden=True)


@pytest.mark.parametrize(
    ("asked", "barred"),
    [
        ("regressions > 0", "seconds"), ("regressions > 0", "waits"), ("regressions > 0", "counts"),
        ("regressions > 0", "memory"), ("regressions > 0", "ending"), ("count(worse) > 0", "loops"),
        ("changed = true", "lines"), ("changed = true", "seconds"), ("count(waits[change=new]) > 0", "counts"),
        ("count(waits[change=new]) > 0", "waits"), ("count(hotspots[change=new]) > 0", "lines"),
    ],
)  # fmt: skip
def test_what_was_not_compared_may_be_worse(asked: str, barred: str) -> None:
    """No regression that was looked for is none only where all that can be one was compared."""
    assert compared(asked, {}).passed
    check = compared(asked, {barred: "different machines"})
    assert not check.passed
    assert check.seen is None
    assert f"not compared: {barred} (different machines)" in check.text


def test_what_is_known_to_be_worse_is_told_whatever_was_not_compared() -> None:
    """One regression is one too many."""
    check = compared("regressions > 0", {"seconds": "different machines"}, regressions=2)
    assert not check.passed
    assert check.seen == "2"


def test_what_has_no_regressions_keeps_nothing_from_being_told() -> None:
    """Lines are the same time told again, and advice says what could be."""
    assert compared("regressions > 0", {"lines": "why", "advice": "why", "context_switches": "why"}).passed
    assert compared("count(findings[change=new]) > 0", {"seconds": "why"}).passed
    assert not compared("count(findings[change=new]) > 0", {"findings": "why"}).passed
