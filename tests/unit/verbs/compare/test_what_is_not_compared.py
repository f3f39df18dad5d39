"""What of two sides is not compared is named, and never passes for no change."""

from __future__ import annotations

import pytest
from comparison_stories import STORIES, Document, elsewhere, one, plain, run, several, worse

from iobound.verbs import report
from iobound.verbs.compare import compare
from iobound.verbs.report.comparison import next_step, told

SLOW = {"waiting": 5.0, "computing": 7.0}
"""Nothing that anybody would call no change."""


def sides(base: Document, head: Document):
    return compare(one(base, "base.json"), one(head, "head.json"))


def without(document: Document, fact: str) -> Document:
    known = [each for each in document["capabilities"] if each["fact"] != fact]
    return {**document, "capabilities": [*known, {"fact": fact, "source": "none", "available": False, "why": "none"}]}


def newer(document: Document) -> Document:
    return {**document, "interpreter": {**document["interpreter"], "version": "3.15.0"}}


def short(document: Document) -> Document:
    return {**document, "overhead": {**document["overhead"], "samples": 29}}


def ended(document: Document, code: int | None) -> Document:
    return {**document, "exit_code": code}


def unseen(document: Document) -> Document:
    return {**document, "states": dict.fromkeys(document["states"], 0.0) | {"unknown": 1.0}}


OF_WAITS = ("waits", "counts", "loops", "shares", "computing", "lines")


@pytest.mark.parametrize(
    ("change", "barred"),
    [
        (elsewhere, {"seconds", "waits", "memory", "context_switches", "advice"}),
        (newer, {"seconds", "memory", "context_switches", "advice"}),
        (lambda it: {**it, "source": "portable"}, {*OF_WAITS}),
        (
            lambda it: newer({**it, "source": "portable"}),
            {*OF_WAITS, "seconds", "memory", "context_switches", "advice"},
        ),
        (lambda it: {**it, "iobound": "9.9"}, {"findings", "advice"}),
        (lambda it: without(it, "python_stacks"), {"lines", "loops", "findings", "advice"}),
        (lambda it: without(without(it, "gil_held"), "gil_holder"), {"computing"}),
        (short, {"waits", "counts", "lines", "findings", "advice"}),
        (lambda it: ended(it, 3), {"ending"}),
        (lambda it: {**it, "totals": {**it["totals"], "peak_rss_bytes": None}}, {"memory"}),
        (unseen, {*OF_WAITS}),
        (lambda it: it, set()),
    ],
)
def test_every_kind_that_is_not_judged_is_named(change, barred):
    """With the reason; and each quantity that has one is of a kind that is named."""
    found = sides(plain(), change(run(**SLOW)))
    assert set(found.not_compared) == barred
    assert all(found.not_compared.values())
    if barred - {"advice", "computing", "lines", "shares", "context_switches"}:
        assert found.barred and set(found.barred) <= barred
        assert told.headline(found).startswith(("not compared: ", "not the same ending "))
    else:
        assert found.barred == () and "not compared" not in told.headline(found)


@pytest.mark.parametrize(
    ("change", "by"),
    [(elsewhere, SLOW), (lambda it: newer({**it, "source": "portable"}), SLOW), (short, {"count": 10.0})],
)
def test_what_is_not_compared_is_not_called_unchanged(change, by):
    """Although no quantity that was judged changed: the first line begins with what nobody looked at."""
    found = sides(plain(), change(run(**by)))
    assert found.worse == ()
    first = told.headline(found)
    assert first.startswith(f"not compared: {', '.join(found.barred)} (")
    assert "no change" not in first
    assert next_step.advice(found).startswith(("run base and head alike", "let base and head do more work"))


def test_a_head_that_crashed_is_not_better():
    """It took less time, and nobody knows what it would have taken."""
    half = ended(run(waiting=0.5), 3)
    found = sides(plain(), half)
    assert found.better and found.worse == ()
    assert told.headline(found).startswith("not the same ending (exit 0 in base, exit 3 in head); ")
    assert next_step.advice(found) == "see why they did not end alike: exit 0 in base, exit 3 in head"
    assert sides(ended(plain(), 3), ended(plain(), 3)).not_compared == {}


def test_one_run_of_a_side_that_ended_otherwise_is_enough():
    """A mean over runs of which one crashed is of no work that anybody knows."""
    head = several(3, 2)
    head[1][1]["exit_code"] = 1
    assert compare(several(3, 1), head).barred == ("ending",)


def test_what_neither_side_could_see_is_not_compared():
    """Both are alike, and both are blind."""
    blind = sides(without(plain(), "python_stacks"), without(run(**SLOW), "python_stacks"))
    assert set(blind.not_compared) == {"lines", "loops", "findings", "advice"}
    assert blind.findings == ()
    assert "Python stacks were seen on neither side" in told.headline(blind)
    memory = [{**it, "totals": {**it["totals"], "peak_rss_bytes": None}} for it in (plain(), plain())]
    assert sides(*memory).not_compared == {"memory": "not measured in base and head"}


def test_an_event_loop_that_only_head_has_was_not_blocked_in_base():
    """Where stacks are seen, no loop is no block; where no side has one, nothing is known of loops."""
    block = {"start_s": 1.0, "duration_s": 2.0, "file": "app.py", "line": 3, "function": "handle", "call": "time.sleep"}
    head = plain()
    head["event_loops"] = [
        {"thread": "MainThread", "blocked_s": 120.0, "longest_block_s": 2.0, "blocks": [block] * 60, "functions": []}
    ]
    found = sides(plain(), head)
    assert "loop_blocked_s" in found.worse and found.totals["loop_blocks"].measured > 0
    assert (found.totals["loop_blocks"].before, found.totals["loop_blocks"].after) == (0, 60)
    assert sides(plain(), plain()).totals["loop_blocks"].why == "not measured in base and head"
    assert sides(plain(), plain()).barred == ()


def test_regressions_of_what_is_compared_are_known_if_anything_is():
    """For those who want less than to know that nothing is worse."""
    assert sides(plain(), elsewhere(worse())).regressions_of_what_is_compared > 0
    assert sides(plain(), elsewhere(plain())).regressions_of_what_is_compared == 0
    assert sides(plain(), ended(plain(), 3)).regressions_of_what_is_compared == 0
    nothing = sides(plain(), {**newer({**plain(), "source": "portable"}), "iobound": "9.9"})
    assert nothing.regressions_of_what_is_compared is None
    assert report.comparison_document(nothing)["regressions_of_what_is_compared"] is None


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ((1, 1), "one run a side: noise is assumed (2.5 % of waiting, 15 % of computing), not measured"),
        ((1, 3), "one run of base: noise is assumed (2.5 % of waiting, 15 % of computing), not measured"),
        ((3, 1), "one run of head: noise is assumed (2.5 % of waiting, 15 % of computing), not measured"),
        ((3, 3), "as measured between the runs of each side"),
    ],
)
def test_intervals_say_what_they_rest_on(runs, said):
    """In every format that people read; one run says nothing of how runs differ."""
    found = compare(several(runs[0], 1), several(runs[1], 2, waiting=1.5))
    assert told.noise(found).startswith(said)
    style = report.TextStyle()
    text, page = (report.render_comparison(found, format, style=style) for format in ("text", "markdown"))
    for each in (text, page):
        assert ("90 % (assumed)" in each) is (1 in runs)
        assert said.split(":")[0] in each


def test_the_assumed_noise_is_that_of_the_code():
    """In the words that people read."""
    from iobound.verbs.compare import noise

    assert f"{noise.WAITING:.1%} of waiting, {noise.COMPUTING:.0%} of computing".replace("%", " %") in told.ASSUMED


@pytest.mark.parametrize("story", STORIES)
def test_a_document_names_what_its_first_line_names(story):
    """So that scripts and people know the same."""
    found = compare(*STORIES[story]())
    document = report.comparison_document(found)
    assert document["not_compared"] == found.not_compared
    assert (story == "other_machine") is bool(found.barred)
