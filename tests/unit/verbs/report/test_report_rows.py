"""Rows of the text report are worth reading: no small change, no row without meaning, nothing twice."""

from __future__ import annotations

import pytest
from stories import STORIES

from iobound.model.breakdown import EventLoop, Wait
from iobound.model.diagnosis import Bound, Check
from iobound.model.prediction import Estimate, Strategy
from iobound.model.state import State
from iobound.verbs import report
from iobound.verbs.report import as_json, concluded, headline, measured

WIDE = report.TextStyle(width=200, unicode=True)


def with_waits(*waits):
    """A run of ten seconds that waited like this."""
    diagnosis = STORIES["sequential_io"]()
    return diagnosis._replace(breakdown=diagnosis.breakdown._replace(wall_ns=10_000_000_000, waits=waits))


def rows_of(diagnosis):
    """What the table of waits says, row by row."""
    section = measured.waits(diagnosis)
    return [] if section is None else [[cell.text for cell in row] for row in section.blocks[0].rows]


def wait(state, target, wall_ms, thread_ms=None, line=1):
    """A wait at a line of one file."""
    return Wait(state, target, wall_ms * 1_000_000, (thread_ms or wall_ms) * 1_000_000, 1, "a.py", line)


def test_waits_for_the_same_at_the_same_line_are_one_row():
    """However many channels they were seen on."""
    rows = rows_of(with_waits(wait(State.WAIT_NETWORK, "h:80", 3000), wait(State.WAIT_NETWORK, "h:80", 1000)))
    assert len(rows) == 1
    assert rows[0][2:4] == ["40.0 %", "4 s"]


def test_many_short_waits_are_counted_not_listed():
    """Loading fifty modules is no news; what they took together is."""
    short = [wait(State.WAIT_DISK, f"module_{number}.pyc", 20) for number in range(50)]
    rows = rows_of(with_waits(wait(State.WAIT_NETWORK, "h:80", 3000), *short))
    assert [row[1] for row in rows] == ["h:80", "(50 others)"]
    assert rows[1][2] == "10.0 %"


def test_what_never_kept_the_run_waiting_is_left_out_unless_it_is_a_queue():
    """A helper's sleep is not what the program waited for; threads in line for the GIL are."""
    rows = rows_of(
        with_waits(
            wait(State.WAIT_NETWORK, "h:80", 3000),
            wait(State.WAIT_SLEEP, "", 0, 9000),
            wait(State.WAIT_GIL, "GIL", 0, 9000),
            wait(State.WAIT_GIL, "GIL", 0, 1, line=2),
        )
    )
    assert [row[0] for row in rows] == ["wait_network", "wait_gil"]


def test_a_sleep_is_for_nothing_that_could_be_known():
    """A socket without a peer is."""
    rows = rows_of(with_waits(wait(State.WAIT_SLEEP, "", 3000), wait(State.WAIT_NETWORK, "", 2000)))
    assert [row[1] for row in rows] == ["", "(not known)"]


def test_library_files_are_named_from_their_library():
    """The folder of the environment says nothing."""
    path = "/home/me/.venv/lib/python3.12/site-packages/requests/api.py"
    assert rows_of(with_waits(wait(State.WAIT_DISK, path, 3000)))[0][1] == "requests/api.py"


def test_calls_that_look_alike_are_one_row():
    """Two calls of one name on a line differ in columns, which are not shown."""
    diagnosis = STORIES["cpu"]()
    top = diagnosis.breakdown.hotspots[0]
    halves = tuple(
        top._replace(column=column, wall_ns=top.wall_ns // 2, budget={State.CPU_PYTHON: top.wall_ns // 2})
        for column in (4, 30)
    )
    section = measured.hotspots(diagnosis._replace(breakdown=diagnosis.breakdown._replace(hotspots=halves)))
    rows = section.blocks[0].rows
    assert len(rows) == 1
    assert rows[0][0].text == "99.8 %"


def test_a_line_is_told_with_its_function_when_there_is_no_call():
    """At 80 columns too: of computing lines it is all that tells."""
    text = report.render(STORIES["cpu"](), "text", style=report.TextStyle(width=80))
    assert "count_primes" in text.partition("Lines that took the time")[2].partition("\n\n")[0]


def test_leaving_it_alone_is_said_with_its_reason():
    """A sentence for all cases would claim more than the numbers below it say: a small gain may be foretold."""
    diagnosis = STORIES["process_pool"]()
    assert headline.for_log(diagnosis)[1].text == f"leave it as it is: {diagnosis.advice[0].reason.rstrip('.')}"
    section = concluded.advice(diagnosis)
    assert section.blocks[0].text == "leave it as it is"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("It already runs on 3 threads.", "leave it as it is: it already runs on 3 threads"),
        ("GIL and CPUs are full.", "leave it as it is: GIL and CPUs are full"),
        ("`f` is cheap.", "leave it as it is: `f` is cheap"),
        ("", "leave it as it is"),
    ],
)
def test_a_reason_ends_the_sentence_of_the_advice(reason, said):
    """With a small letter where it is no name."""
    diagnosis = STORIES["process_pool"]()
    advice = diagnosis.advice[0]._replace(reason=reason)
    assert headline.for_log(diagnosis._replace(advice=(advice,)))[1].text == said


@pytest.mark.parametrize("story", STORIES)
def test_a_verdict_is_not_said_twice(story):
    """`inconclusive - inconclusive: …` is one word too many."""
    diagnosis = STORIES[story]()
    bound = diagnosis.verdict.bound.value
    assert not headline.for_log(diagnosis)[0].text.startswith(f"{bound} - {bound}: ")


def next_step(diagnosis):
    """What the last of the five lines says."""
    return headline.for_log(diagnosis)[-1].text


def test_where_no_pool_helps_the_next_step_names_the_line_that_costs_most():
    """`nothing to change` would hide what is left to do."""
    assert next_step(STORIES["process_pool"]()).endswith("95.0 % of the wall time is at thumbs.py:12")


def test_a_short_run_or_one_without_an_outstanding_line_has_nothing_to_change():
    """There, no line is worth the trouble."""
    diagnosis = STORIES["process_pool"]()
    breakdown = diagnosis.breakdown
    top = breakdown.hotspots[0]
    short = breakdown._replace(wall_ns=100_000_000, hotspots=(top._replace(wall_ns=99_000_000),))
    spread = breakdown._replace(hotspots=(top._replace(wall_ns=breakdown.wall_ns // 10),))
    for changed in (short, spread, breakdown._replace(hotspots=())):
        assert next_step(diagnosis._replace(breakdown=changed)) == "nothing to change"
    starved = diagnosis.verdict._replace(bound=Bound.STARVED)
    assert next_step(diagnosis._replace(verdict=starved)) == "nothing to change"


def test_the_line_of_a_blocked_event_loop_is_the_one_that_blocks_it():
    """Not the one that the program spends most time at, and not the whole program."""
    diagnosis = STORIES["asyncio_blocked"]()
    assert diagnosis.advice[0].strategy is Strategy.UNBLOCK_EVENT_LOOP
    blocks = diagnosis.breakdown.event_loops[0].blocks
    other = blocks[0]._replace(line=77, call="time.sleep", duration_ns=sum(block.duration_ns for block in blocks) + 1)
    loops = (diagnosis.breakdown.event_loops[0]._replace(blocks=(*blocks, other)),)
    advice = (diagnosis.advice[0]._replace(site=None), *diagnosis.advice[1:])
    changed = diagnosis._replace(breakdown=diagnosis.breakdown._replace(event_loops=loops), advice=advice)
    where = headline.for_log(changed)[3].text
    assert where == "crawl.py:77 crawl → time.sleep"


def test_a_check_is_named_once():
    """Its text usually holds it already."""
    diagnosis = STORIES["cpu"]()._replace(
        checks=(Check("unknown<0.1", True, "0", "unknown<0.1: unknown is 0"), Check("a<1", False, "2", "a is 2")),
    )
    said = [prose.text for prose in concluded.checks(diagnosis.checks).blocks]
    assert said == ["a<1: a is 2", "unknown<0.1: unknown is 0"]


def test_event_loops_that_nothing_held_up_are_counted():
    """Three workers with a loop each are not three equal lines."""
    diagnosis = STORIES["asyncio_blocked"]()
    free = EventLoop("MainThread", 0, 0, ())
    loops = (*diagnosis.breakdown.event_loops, free, free)
    text = report.render(
        diagnosis._replace(breakdown=diagnosis.breakdown._replace(event_loops=loops)), "text", style=WIDE
    )
    assert "2 other loops  no callback was seen to hold one of them up" in text


def test_the_pool_size_that_is_advised_is_among_those_shown():
    """A narrow table loses others first."""
    diagnosis = STORIES["sequential_io"]()
    advised = {advice.workers for advice in diagnosis.advice if advice.site is not None}
    heads = [
        line.split()
        for line in report.render(diagnosis, "text", style=report.TextStyle(width=62)).splitlines()
        if line.startswith("  workers")
    ]
    assert advised
    assert all(str(workers) in heads[0] for workers in advised if workers is not None)


def foretold(diagnosis):
    """The section on predictions, line by line."""
    text = report.render(diagnosis, "text", style=report.TextStyle(width=100))
    return text.partition("What other ways would gain")[2].partition("\n\n")[0].splitlines()


def _times(estimate, factor):
    return Estimate(estimate.estimate * factor, estimate.low * factor, estimate.high * factor)


def with_second_site(diagnosis, factor):
    """The same with one more site, where everything gains so many times what it gains at the first."""
    sites = diagnosis.breakdown.sites
    second = sites[0]._replace(line=99)
    first = [each for each in diagnosis.predictions if each.site == 0]
    more = [each._replace(site=len(sites), speed_up=_times(each.speed_up, factor)) for each in first]
    breakdown = diagnosis.breakdown._replace(sites=(*sites, second))
    return diagnosis._replace(breakdown=breakdown, predictions=(*first, *more))


def test_sites_of_which_the_same_is_foretold_share_a_table():
    """A loop, and the only call in it."""
    lines = foretold(with_second_site(STORIES["sequential_io"](), 1.0))
    assert sum("workers" in line for line in lines) == 1
    assert any("download_all.py:99" in line for line in lines)


def test_a_further_site_is_shown_only_when_it_gains_something():
    """The first always is: it answers the question."""
    more = foretold(with_second_site(STORIES["sequential_io"](), 0.9))
    less = foretold(with_second_site(STORIES["sequential_io"](), 0.05))
    assert sum(line.startswith("  workers") for line in more) == 2
    assert sum(line.startswith("  workers") for line in less) == 1
    assert less[-1] == "  and 1 site with less to gain"


def test_what_cannot_run_at_once_has_no_table_of_gains():
    """A loop that carries values from one iteration to the next gains by no pool, whatever the model says."""
    two = with_second_site(STORIES["sequential_io"](), 0.9)
    sites = [site._replace(independent="no") if site.line == 99 else site for site in two.breakdown.sites]
    lines = foretold(two._replace(breakdown=two.breakdown._replace(sites=tuple(sites))))
    assert sum(line.startswith("  workers") for line in lines) == 1
    assert lines[-1] == "  left out: 1 site whose items need those before them"
    none = two._replace(breakdown=two.breakdown._replace(sites=tuple(s._replace(independent="no") for s in sites)))
    assert foretold(none) == []


def test_bars_keep_their_length_where_meanings_are_long():
    """A bar of five columns tells nothing."""
    diagnosis = STORIES["gil_queue"]()
    shares = {**diagnosis.breakdown.shares, State.WAIT_LOCK: 0.001}
    shares[State.CPU_PYTHON] -= 0.001
    text = report.render(
        diagnosis._replace(breakdown=diagnosis.breakdown._replace(shares=shares)),
        "text",
        style=report.TextStyle(width=120, unicode=True),
    )
    assert "█" * 23 in text


def test_the_time_between_looks_is_that_of_the_whole_run():
    """The period at the end is another one when the observer had to slow down: 2 looks in 40 ms."""
    text = report.render(STORIES["inconclusive"](), "text", style=WIDE)
    assert "2 looks taken, one every 20 ms on average" in text


def test_a_line_that_is_not_known_is_null():
    """Lines begin at 1."""
    diagnosis = STORIES["sequential_io"]()
    breakdown = diagnosis.breakdown
    nowhere = breakdown._replace(
        hotspots=(breakdown.hotspots[0]._replace(line=0),),
        sites=tuple(site._replace(line=0) for site in breakdown.sites),
    )
    document = as_json.document(diagnosis._replace(breakdown=nowhere))
    assert document["hotspots"][0]["line"] is None
    assert document["sites"][0]["line"] is None
