"""Every story gets its verdict and its first advice."""

from __future__ import annotations

import advise_stories
import pytest
from advise_stories import STORIES

from iobound.model.diagnosis import METHODS
from iobound.model.prediction import Strategy
from iobound.verbs import advise, predict
from iobound.verbs.advise import at_sites


def diagnosed(story):
    """Verdict, predictions and advice of a story."""
    run, recording = story.breakdown, story.recording
    predictions = tuple(
        each for site in run.sites for each in predict.curve(site, run, recording.machine, recording.interpreter)
    )
    verdict = advise.verdict(run, recording)
    return verdict, predictions, advise.advise(run, recording, verdict, predictions)


@pytest.mark.parametrize("name", STORIES)
def test_verdict(name):
    story = STORIES[name]()
    verdict, _, _ = diagnosed(story)
    assert verdict.bound in story.bounds, verdict


@pytest.mark.parametrize("name", STORIES)
def test_first_advice(name):
    story = STORIES[name]()
    _, _, advice = diagnosed(story)
    assert advice[0].strategy in story.first, advice
    assert story.reason in advice[0].reason


@pytest.mark.parametrize("name", STORIES)
def test_advice_never_promises_a_loss_as_its_best(name):
    story = STORIES[name]()
    _, _, advice = diagnosed(story)
    assert advice[0].speed_up.estimate >= 1.0
    assert 1 <= len(advice) <= 5
    assert all(
        (each.reason.endswith(".") and each.reason[0].isupper()) or each.reason[0] in "`0123456789" for each in advice
    )


@pytest.mark.parametrize("name", STORIES)
def test_sites_that_overlap_are_credited_once(name):
    story = STORIES[name]()
    _, _, advice = diagnosed(story)
    credited = {each.site for each in advice if each.site is not None}
    assert sum(story.breakdown.sites[site].share for site in credited) <= 1.02


@pytest.mark.parametrize("name", STORIES)
def test_all_seven_methods_answer_in_order(name):
    story = STORIES[name]()
    verdict, _, _ = diagnosed(story)
    evidence = advise.evidence(story.breakdown, story.recording, verdict)
    assert tuple(each.method for each in evidence) == METHODS
    assert all(each.text and 0 <= each.weight <= 1 for each in evidence)


def test_unsure_sites_say_what_to_check():
    _, _, advice = diagnosed(advise_stories.unsure_loop())
    assert any("check that no item needs the result" in text for text in advice[0].obstacles)
    assert "writes to `cache`" in advice[0].obstacles


def test_far_side_is_an_assumption_that_is_told():
    _, _, advice = diagnosed(advise_stories.sequential_downloads())
    assert any(text.startswith("127.0.0.1:80: ") and "one request at a time" in text for text in advice[0].obstacles)


def test_larger_gain_comes_first_and_the_other_phase_is_not_forgotten():
    story = advise_stories.two_phases()
    _, _, advice = diagnosed(story)
    assert advice[0].site == 0
    assert any(each.site == 1 and each.strategy is Strategy.PROCESSES for each in advice), advice


def on_version(version, made):
    """Strategies that are advised to a story under an interpreter."""
    recording = advise_stories.heard(version=version)
    story = advise_stories.story(made.breakdown, recording, made.bounds.copy(), made.first.copy())
    return [each.strategy for each in diagnosed(story)[2]]


def test_free_threading_comes_second_for_work_that_holds_the_gil():
    made = advise_stories.pure_python_list()
    assert on_version("3.13.1", made)[:2] == [Strategy.PROCESSES, Strategy.FREE_THREADING]
    assert Strategy.FREE_THREADING not in on_version("3.12.1", made)


@pytest.mark.parametrize("name", ["sequential_downloads", "native_hashes", "dependent_loop", "tiny_factorials"])
def test_free_threading_is_no_advice_where_the_gil_is_not_what_matters(name):
    assert Strategy.FREE_THREADING not in on_version("3.14.0", STORIES[name]())


@pytest.mark.parametrize("name", STORIES)
def test_free_threading_is_never_first(name):
    assert on_version("3.14.0", STORIES[name]())[0] is not Strategy.FREE_THREADING


def test_snippet_uses_the_programs_own_names():
    _, _, advice = diagnosed(advise_stories.sequential_downloads())
    assert "pool.map(download, urls)" in advice[0].snippet
    assert f"max_workers={advice[0].workers}" in advice[0].snippet


def test_short_items_are_chunked():
    _, _, advice = diagnosed(advise_stories.tiny_items_in_python())
    assert "chunksize=" in advice[0].snippet


def test_pool_of_the_library_has_items_left_though_its_function_has_no_loop():
    made = advise_stories.threads_that_each_download_once()
    site = made.breakdown.sites[0]
    recording = advise_stories.pooled(made.recording, site)
    assert not at_sites.has_items_left(site, made.recording)
    assert at_sites.has_items_left(site, recording)
