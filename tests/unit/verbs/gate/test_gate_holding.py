"""A gate held against the report of a run: what passes, what fails, and what is not known."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from stories import STORIES

from iobound.model.diagnosis import Check, CheckPlace
from iobound.verbs import gate, report
from iobound.verbs.report import as_json

RUN = gate.of_run(report.schema())
Document = dict[str, Any]
NETWORK = "at download_all.py:14 (files.example.org:443 (https))"
DISK = "at download_all.py:15 (/home/ann/project/out/0001.json)"


@pytest.fixture
def run() -> Document:
    """The report of a program that downloads one file after another."""
    return copy.deepcopy(as_json.document(STORIES["sequential_io"]()))


def hold(text: str, document: Document, **how: bool) -> Check:
    return gate.hold(gate.parse(text, RUN), document, **how)


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("bound=io", True), ("bound==io", True), ("bound!=io", False), ("dominant=wait_network", True),
        ("share>0.9", True), ("share.high<0.9", False), ("share.low>0.9", True), ("speed_up>2", True),
        ("speed_up.low>20", False), ("strategy=threads", True), ("loop_blocked==0", True), ("loop_blocked_s=0", True),
        ("gil_wait<1%", True), ("lock_wait<1%", True), ("wall_s<12.13s", True), ("cpu_s<1000ms", True),
        ("exit_code=0", True), ("wait_network<=90%", False), ("states.wait_network.high<95%", True),
        ("totals.context_switches.voluntary<=300", True), ("totals.peak_rss_bytes<42MiB", True),
        ("waits[0].count=120", True), ("waits[files*].count<=119", False), ("waits[state=wait_disk].wall_s<1", True),
        ("waits[state=wait_disk][0].wall_s<1", True), ("waits[*][1].state=wait_disk", True),
        ("waits.count>100", False), ("waits.count>90", True), ("sum(waits.count)=216", True),
        ("max(waits.count)=120", True), ("min(waits.count)=96", True), ("count(waits)=2", True),
        ("count(findings[IOB2*])=1", True), ("findings[IOB201].line=30", True), ("count(findings[IOB999])=0", True),
        ("sum(waits[nobody].count)=0", True), ("sites[main].calls<=120", True),
        ("hotspots[download][0].share>0.5", True),
        ("processes[0].threads[MainThread].states.wait_network>0.5", True), ("sum(states[wait_*])>0.9", True),
        ("states[wait_*]<0.5", False), ("states[wait_gil]=0", True), ("interpreter.gil_enabled=true", True),
        ("machine.system=Linux", True), ("predictions[threads][workers=8].low>1", True), ("advice[0].speed_up>2", True),
        ("predictions[threads][0]>1", True), ("intervals.wait_network[1]>0.9", True), ("count(functions)=0", True),
        ("verdict.bound!=cpu", True), ("waits.state!=wait_gil", True), ("waits.state=wait_disk", False),
    ],
)  # fmt: skip
def test_what_a_run_was_is_held_against_what_was_asked(run: Document, text: str, passed: bool) -> None:
    """Of several things that are selected it must hold for each."""
    held = hold(text, run)
    assert held.passed is passed, held.text
    assert "not measurable" not in held.text
    assert held.expression == text
    assert held.text.startswith(f"{text}: ")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("totals.io_pressure<1", "says nothing of it"),
        ("verdict.settle=no", "says nothing of it"),
        ("intervals.idle[7]<1", "no such item"),
        ("waits[nobody].count<1", "nothing was seen that it selects; count(…) and sum(…) of nothing are 0"),
        ("max(waits[nobody].count)<1", "nothing was seen that it selects"),
        ("min(functions.calls)<1", "there are none"),
        ("waits[9].count<1", "there is no such item"),
    ],
)
def test_what_is_not_known_fails(run: Document, text: str, why: str) -> None:
    """And says so; nothing passes because nobody looked."""
    held, forbidden = hold(text, run), hold(text, run, forbidden=True)
    assert not held.passed
    assert not forbidden.passed
    assert "not measurable here: " in held.text
    assert why in held.text
    assert held.seen is None


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), None, "3", True])
@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "=", "!="])
def test_what_is_no_finite_number_passes_nothing(run: Document, number: object, operator: str) -> None:
    """Neither what must hold nor what must not."""
    run["cpu_s"] = number
    limit = 0 if operator in ("=", "!=") else 1
    for forbidden in (False, True):
        held = hold(f"cpu_s{operator}{limit}", run, forbidden=forbidden)
        assert not held.passed
        assert "not measurable here" in held.text


def test_one_of_several_that_is_not_known_fails_unless_another_fails_anyway(run: Document) -> None:
    """The number that breaks the gate says more than the one that is missing."""
    run["waits"][0]["count"] = None
    assert hold("waits.count<100", run).text.endswith("the report does not say all of it")
    assert hold("waits.count<10", run).seen == "96"
    assert not hold("sum(waits.count)<1000", run).passed


def test_a_list_that_is_not_known_has_no_number_of_items(run: Document) -> None:
    """As little as items."""
    run["waits"] = None
    for text in ("count(waits)=0", "sum(waits.count)=0", "waits[0].count=0", "count(waits[x])=0"):
        assert "not measurable" in hold(text, run).text
    assert "not measurable" in hold("count(waits)=0", run, forbidden=True).text


@pytest.mark.parametrize(
    ("text", "fact"),
    [("gil_wait<1", "gil_held"), ("wait_gil<1", "gil_holder"), ("loop_blocked=0", "python_stacks"),
     ("count(sites)=0", "python_stacks"), ("sum(states[wait_*])<2", "gil_held")],
)  # fmt: skip
def test_what_the_machine_did_not_show_fails(run: Document, text: str, fact: str) -> None:
    """A number that could not be measured is 0 in the report, and passes nothing."""
    run["capabilities"] = [{"fact": fact, "source": "x", "available": False, "why": "locked up"}]
    held = hold(text, run)
    assert not held.passed
    assert held.text.endswith(f"{fact}: locked up")


def test_without_a_gil_nobody_waits_for_it_and_that_is_known(run: Document) -> None:
    """However little is seen of its holder."""
    run["capabilities"] = [{"fact": "gil_held", "source": "x", "available": False, "why": "no GIL"}]
    run["interpreter"]["gil_enabled"] = False
    assert hold("wait_gil=0", run).passed
    run["interpreter"]["gil_enabled"], run["source"], run["capabilities"] = True, "portable", []
    assert not hold("wait_gil=0", run).passed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("wait_network<5%", f"wait_network is 90.1 %, 90 % interval 88.1 to 92.1 %, {NETWORK}"),
        ("bound=cpu", f"bound is io, {NETWORK}"),
        ("waits[state=wait_disk].wall_s<200 ms", f"waits[state=wait_disk].wall_s is 240 ms, {DISK}"),
        ("speed_up<2", "speed_up is 11.2, 90 % interval 8.9 to 12.4, at download_all.py:31 (download)"),
        ("advice[0].speed_up.high<2", "advice[0].speed_up.high is 12.4, at download_all.py:31 (download)"),
        ("count(findings[IOB201])==0", "count(findings[IOB201]) is 1, at download_all.py:30 (IOB201)"),
        ("waits.count<90", f"waits.count is 120, and 1 more of 2 fail, {NETWORK}; {DISK}"),
    ],
)  # fmt: skip
def test_a_failure_says_what_was_seen_within_which_interval_and_where(run: Document, text: str, says: str) -> None:
    """On one line."""
    held = hold(text, run)
    assert not held.passed
    assert "\n" not in held.text
    assert held.text == f"{text}: {says}"


def test_fields_say_the_same_for_programs(run: Document) -> None:
    """Each of them is in the JSON report."""
    held = hold("wait_network<5%", run)
    assert held.seen == "0.90099"
    assert (held.low, held.high) == (pytest.approx(0.881, abs=1e-3), pytest.approx(0.921, abs=1e-3))
    assert held.places == (CheckPlace("download_all.py", 14, "files.example.org:443 (https)"),)


def test_a_number_is_shown_with_the_digits_that_tell_it_from_what_was_asked(run: Document) -> None:
    """A failure that reads `5 % is not below 5 %` helps nobody."""
    run["states"]["wait_sleep"] = 0.05000004
    assert "wait_sleep is 5.000004 %" in hold("wait_sleep<=5%", run).text
    run["wall_s"] = 10.0000001
    assert "wall_s is 10.0000001" in hold("wall_s<=10s", run).text


def test_long_names_are_cut(run: Document) -> None:
    """One line of a log stays one that can be read."""
    run["waits"][0]["target"] = "x" * 1_000_000
    assert len(hold("wait_network<5%", run).text) < 400


def test_a_wait_without_a_target_names_the_call(run: Document) -> None:
    """Which is what a reader looks for."""
    run["waits"][0]["target"] = ""
    assert hold("wait_network<5%", run).text.endswith("at download_all.py:14 (urllib.request.urlopen)")


def test_blocks_of_an_event_loop_say_where(run: Document) -> None:
    """The longest of a loop, or each that is counted."""
    document = as_json.document(STORIES["asyncio_blocked"]())
    block = max(document["event_loops"][0]["blocks"], key=lambda block: block["duration_s"])
    for text in ("loop_blocked=0", "loop_blocked_s<1ms", "event_loops[0].longest_block_s<1ms"):
        held = hold(text, document)
        assert not held.passed
        assert (block["file"], block["line"]) in {(place.file, place.line) for place in held.places}, text


def test_what_must_not_hold_fails_where_it_holds_of_one(run: Document) -> None:
    """As `--iobound-fail-on` and `compare --fail-on` ask."""
    assert not hold("waits.count>100", run, forbidden=True).passed
    assert hold("waits.count>200", run, forbidden=True).passed
    assert not hold("bound=io", run, forbidden=True).passed
