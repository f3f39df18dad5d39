"""The text report answers first and fits."""

from __future__ import annotations

import subprocess
import sys

import pytest
from stories import STORIES

from iobound.errors import UnknownFormat
from iobound.model.breakdown import ProcessBudget, ThreadBudget
from iobound.model.prediction import Strategy
from iobound.model.state import State
from iobound.verbs import report
from iobound.verbs.report import headline, layout, words

LOG = report.TextStyle(width=80)
SCREEN = report.TextStyle(width=80, unicode=True, plain=False)


def text_of(diagnosis, style=LOG):
    """The text report."""
    return report.render(diagnosis, "text", style=style)


@pytest.mark.parametrize("story", STORIES)
def test_a_log_begins_with_verdict_and_advice(story):
    """One line each, with the gain in the second."""
    diagnosis = STORIES[story]()
    first, second, third, fourth, fifth = text_of(diagnosis).splitlines()[:5]
    assert first.startswith(f"verdict:  {diagnosis.verdict.bound.value} - ")
    assert second.startswith("advice:")
    if diagnosis.advice and diagnosis.advice[0].strategy is not Strategy.SEQUENTIAL:
        assert " x (" in second
    assert third.startswith("share:") and "%" in third
    assert fourth.startswith("where:")
    assert fifth.startswith("next:")


@pytest.mark.parametrize("story", STORIES)
def test_a_screen_begins_with_the_five_answers(story):
    """In their order."""
    labels = [prose.label for prose in headline.for_screen(STORIES[story]())]
    assert labels == ["Verdict", "Share", "Do", "Where", "Next"]


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("plain", [True, False])
def test_everything_but_code_fits_the_width(story, width, plain):
    """Tables lose columns before they lose their shape; only the answers in a log and snippets may be longer."""
    diagnosis = STORIES[story]()
    style = report.TextStyle(width=width, unicode=True, plain=plain)
    code = {line.strip() for advice in diagnosis.advice for line in advice.snippet.splitlines()}
    for number, line in enumerate(text_of(diagnosis, style).splitlines()):
        if line.strip() not in code and not (plain and number < 5):
            assert layout.width_of(line) <= width, line


def test_without_unicode_all_is_ascii():
    """Names lose letters, not the report its shape."""
    text = text_of(STORIES["process_pool"]())
    assert text.isascii()
    assert "?ber" in text


def test_colour_is_only_there_when_asked_for():
    """And then with the colours of the terminal's theme only."""
    assert "\x1b" not in text_of(STORIES["cpu"](), SCREEN)
    coloured = text_of(STORIES["cpu"](), SCREEN._replace(colour=True))
    assert "\x1b[" in coloured
    assert "38;" not in coloured and "48;" not in coloured


def test_unknown_time_is_shown_even_when_there_is_none():
    """So that its absence is said, not assumed."""
    assert "unknown" in text_of(STORIES["cpu"]()).partition("Where the time went")[2].partition("What to do")[0]


def test_a_trace_of_a_state_is_not_shown_as_nothing():
    """Half a millisecond in eight seconds."""
    assert any(
        line.split()[0] == "wait_disk" and "<0.1 %" in line
        for line in text_of(STORIES["process_pool"]()).splitlines()
        if line.strip()
    )


def test_what_was_not_seen_is_said():
    """Missed looks, missing facts with their reason, notes, our own cost."""
    text = " ".join(text_of(STORIES["inconclusive"]()).split())
    for said in (
        "75.0 % of wall time could not be told",
        "6 missed; 1 failed; 1 late; 1 of 2 stacks missed",
        "thread_states (procfs): /proc is mounted with hidepid=2",
        "the target was killed before its last looks were written",
        "ended by signal 9",
    ):
        assert said in text


def test_inconclusive_says_what_would_settle_it():
    """That is the next step."""
    assert "next:     Run it on enough input" in text_of(STORIES["inconclusive"]())


def test_all_advice_is_shown_with_reason_steps_snippet_and_obstacles():
    """Words may be broken over lines, code is not."""
    diagnosis = STORIES["sequential_io"]()
    text = text_of(diagnosis, SCREEN)
    flat = " ".join(text.split())
    for advice in diagnosis.advice:
        for said in (advice.reason, *advice.steps, *advice.obstacles, words.gain(advice)):
            assert " ".join(said.split()) in flat
        for line in advice.snippet.splitlines():
            assert line in text


def test_lines_that_took_no_time_are_no_lines_that_took_the_time():
    """A helper thread's line may have cost the run nothing."""
    diagnosis = STORIES["cpu"]()
    idle = diagnosis.breakdown.hotspots[0]._replace(wall_ns=0, line=999)
    breakdown = diagnosis.breakdown._replace(hotspots=(*diagnosis.breakdown.hotspots, idle))
    assert "primes.py:999" not in text_of(diagnosis._replace(breakdown=breakdown))


def test_failed_checks_come_first():
    """A gate that closed is what a CI log is read for."""
    assert text_of(STORIES["cpu"]()).index("FAILED  bound=io: ") < text_of(STORIES["cpu"]()).index(
        "passed  unknown<0.1: "
    )


def test_the_share_of_a_queue_is_not_called_wall_time():
    """A thread that waits for the GIL hides behind the one that holds it, so wall time says nothing of it."""
    share = next(line for line in text_of(STORIES["gil_queue"]()).splitlines() if line.startswith("share:"))
    assert "87.0 % of the time in which threads wanted to compute" in share
    assert "wall time" not in share


def test_alike_threads_share_a_row_and_rows_are_bounded():
    """Fifty workers are one line, a hundred different threads ten lines and a count."""
    diagnosis = STORIES["gil_queue"]()

    def with_threads(names):
        budget = {State.WAIT_NETWORK: 5}
        threads = tuple(ThreadBudget(name, 1, 5, budget) for name in names)
        process = ProcessBudget(0, 5, budget, threads)
        return diagnosis._replace(breakdown=diagnosis.breakdown._replace(processes=(process,)))

    assert "50 x worker-N" in text_of(with_threads(f"worker-{number}" for number in range(50)))
    assert "and 90 more" in text_of(with_threads("t" + "x" * number for number in range(100)))


def test_an_empty_diagnosis_is_a_report():
    """No sites, no waits, no advice, no threads: still an answer."""
    diagnosis = STORIES["inconclusive"]()
    breakdown = diagnosis.breakdown._replace(processes=(), hotspots=(), intervals={})
    empty = diagnosis._replace(breakdown=breakdown, evidence=(), predictions=())
    text = text_of(empty)
    assert "no recommendation" in text
    assert "What it waited for" not in text


def test_every_strategy_and_bound_has_words():
    """A new one cannot be forgotten."""
    diagnosis = STORIES["sequential_io"]()
    for strategy in Strategy:
        for workers in (None, 1, 8):
            advice = diagnosis.advice[0]._replace(strategy=strategy, workers=workers)
            said = words.action(advice)
            assert said and "{" not in said and "  " not in said and said == said.strip()
    for bound in type(diagnosis.verdict.bound):
        assert words.BOUND[bound]


def test_an_unknown_format_is_a_clear_error():
    """With the formats that there are."""
    with pytest.raises(UnknownFormat, match="'pdf'") as caught:
        report.render(STORIES["cpu"](), "pdf", style=LOG)
    for name in report.FORMATS:
        assert name in str(caught.value.hint)


@pytest.mark.parametrize("format", sorted(report.FORMATS))
def test_every_format_of_every_story_ends_in_a_line_feed(format):
    """So that a shell prompt stands on its own line."""
    for story in STORIES.values():
        assert report.render(story(), format, style=LOG).endswith("\n")


def test_plain_reports_load_neither_rich_nor_pyinstrument():
    """They cost more than the report."""
    code = (
        "import sys, iobound.verbs.report as _; "
        "print(sorted({'rich', 'pyinstrument'} & {m.split('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_style_never_gets_too_narrow_to_read():
    """A width of 0 is a pipe that lied."""
    assert LOG._replace(width=0).columns == 40
