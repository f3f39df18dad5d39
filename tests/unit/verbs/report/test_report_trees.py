"""Call trees and flame graphs keep the time that the timeline has."""

from __future__ import annotations

import json

import pytest
from pyinstrument.session import Session
from stories import STORIES, S

from iobound.model.recording import StackNode
from iobound.model.state import State
from iobound.model.timeline import Episode, Episodes, ThreadTimeline, Timeline
from iobound.verbs import report
from iobound.verbs.report import call_tree, stacks

STYLE = report.TextStyle(unicode=True)


def thread_seconds(diagnosis, states=frozenset(State)):
    """Time of all threads in the states."""
    return sum(
        episode.duration_ns / S
        for thread in diagnosis.timeline.threads
        for episode in thread.episodes
        if episode.state in states
    )


@pytest.mark.parametrize("story", STORIES)
def test_a_session_holds_all_the_time(story):
    """Seconds in equal seconds out, through pyinstrument's own reader."""
    diagnosis = STORIES[story]()
    document = json.loads(report.render(diagnosis, "pyisession", style=STYLE))
    root = Session.from_json(document).root_frame()
    assert root is not None
    root.self_check()
    assert root.time == pytest.approx(thread_seconds(diagnosis))


@pytest.mark.parametrize("story", STORIES)
def test_a_flame_graph_holds_each_threads_time(story):
    """A profile for each thread, as long as its life."""
    diagnosis = STORIES[story]()
    document = json.loads(report.render(diagnosis, "speedscope", style=STYLE))
    frames = document["shared"]["frames"]
    assert len(document["profiles"]) == len(diagnosis.timeline.threads)
    for profile, thread in zip(document["profiles"], diagnosis.timeline.threads, strict=True):
        assert sum(profile["weights"]) == profile["endValue"] == thread.duration_ns
        assert len(profile["samples"]) == len(profile["weights"])
        assert all(0 <= index < len(frames) for sample in profile["samples"] for index in sample)


def test_a_tree_of_one_state_shows_that_state_only():
    """And its seconds are that state's."""
    diagnosis = STORIES["sequential_io"]()
    wanted = frozenset({State.WAIT_NETWORK})
    text = report.tree(diagnosis, wanted, STYLE)
    assert f"{thread_seconds(diagnosis, wanted):.3f} <module>" in text
    assert "parse" not in text and "urlopen" in text


def test_a_tree_of_a_state_that_was_not_seen_says_so():
    """No traceback, no empty page."""
    text = report.tree(STORIES["cpu"](), frozenset({State.WAIT_CHILD}), STYLE)
    assert "No time was seen in wait_child." in text


def test_alike_threads_are_one_branch():
    """Eight workers do not make eight trees."""
    text = report.tree(STORIES["gil_queue"](), None, report.TextStyle(unicode=False))
    assert text.count("Thread-N (worker)") == 1 and "8 x Thread-N (worker)" in text
    assert text.isascii()


def test_time_without_a_stack_is_shown_as_such():
    """It is part of the whole."""
    assert "[unknown, stack not seen]" in report.tree(STORIES["inconclusive"](), None, STYLE)


def deep(depth, episodes):
    """A story whose one thread recurses, and alternates between two stacks."""
    diagnosis = STORIES["cpu"]()
    nodes = [StackNode(0, 0), *(StackNode(index, index % 3) for index in range(depth))]
    recording = diagnosis.recording._replace(stacks=tuple(nodes))
    made = tuple(
        Episode(number * 10, 10, State.CPU_PYTHON, depth if number % 2 else depth - 1, 0, 1)
        for number in range(episodes)
    )
    timeline = Timeline((ThreadTimeline(0, 0, Episodes.of(made)),), ())
    return diagnosis._replace(recording=recording, timeline=timeline)


def test_bottomless_recursion_is_cut_in_the_middle():
    """pyinstrument recurses for each frame; five thousand would be too many."""
    diagnosis = deep(5_000, 4)
    text = report.tree(diagnosis, None, STYLE)
    assert "[frames left out]" in text
    assert len(stacks.Stacks(diagnosis.recording, familiar=True).frames(5_000)) == stacks.DEEPEST + 1


def test_long_runs_are_added_up_without_losing_time():
    """Bounded records, the same seconds."""
    diagnosis = deep(5, 3 * stacks.MOST_RECORDS)
    records = call_tree.frame_records(diagnosis, None, familiar=True)
    assert len(records) <= 400
    assert sum(seconds for _, seconds in records) == pytest.approx(thread_seconds(diagnosis))


def test_paths_of_a_session_for_elsewhere_are_absolute():
    """A script that was started by a relative name is found again."""
    document = json.loads(report.render(STORIES["cpu"](), "pyisession", style=STYLE))
    files = {frame.split("\x00")[1] for record in document["frame_records"] for frame in record[0] if "\x00" in frame}
    assert files == {"/home/ann/project/primes.py"}


def test_a_start_that_is_no_date_is_no_reason_to_fail():
    """A recording may come from anywhere."""
    diagnosis = STORIES["cpu"]()
    odd = diagnosis._replace(recording=diagnosis.recording._replace(created="yesterday"))
    assert json.loads(report.render(odd, "pyisession", style=STYLE))["start_time"] == 0.0
