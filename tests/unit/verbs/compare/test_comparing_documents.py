"""From reports of two sides to what changed."""

from __future__ import annotations

import copy
import random

import jsonschema
import pytest
from comparison_stories import STORIES, elsewhere, moved, one, plain, run, several, worse
from hypothesis import given, settings
from hypothesis import strategies as st

from iobound.model.comparison import Presence
from iobound.verbs import report
from iobound.verbs.compare import compare
from iobound.verbs.compare.waits import JUDGED


def sides(base, head):
    return compare(one(base, "base.json"), one(head, "head.json"))


def wait_for(found, target):
    return next(wait for wait in found.waits if wait.target == target)


@settings(max_examples=12, deadline=None)
@given(st.floats(0.2, 5), st.floats(0.2, 5), st.floats(0.2, 5))
def test_a_run_does_not_differ_from_itself(waiting, count, computing):
    """No quantity, no finding, no advice."""
    found = sides(run(waiting, count, computing), run(waiting, count, computing))
    assert not found.changed
    assert (found.worse, found.better, found.warnings) == ((), (), ())


@settings(max_examples=12, deadline=None)
@given(st.floats(0.2, 5), st.floats(0.2, 5))
def test_swapping_the_sides_swaps_worse_and_better(waiting, computing):
    """And turns every sign around."""
    one_way, back = sides(plain(), run(waiting, 1, computing)), sides(run(waiting, 1, computing), plain())
    assert (one_way.worse, one_way.better) == (back.better, back.worse)
    for name, change in one_way.states.items():
        other = back.states[name]
        assert change.measured == pytest.approx(-other.measured, abs=1e-9) and change.beyond == other.beyond


def test_the_order_of_files_does_not_matter():
    """Files are sorted by name, values by size."""
    base, head = several(4, 1), several(4, 2, waiting=1.3)
    found = compare(base, head)
    chance = random.Random(1)
    assert all(compare(chance.sample(base, 4), chance.sample(head, 4)) == found for _ in range(5))


def as_measured(wait):
    """A wait without what depends on how many quantities are judged."""
    return wait._replace(**{name: getattr(wait, name)._replace(visible=None) for name in QUANTITIES})


QUANTITIES = ("count", "wall_s", "thread_s", "each_s")


def test_an_unrelated_target_leaves_all_others_alone():
    """What is measured of one quantity does not depend on what else there is; only how large a change is told does."""
    base, head = plain(), run(waiting=1.4)
    before = sides(base, head)
    for document in (base, head):
        document["waits"].append({**document["waits"][0], "target": "cache:6379 (redis)", "wall_s": 0, "thread_s": 0.3})
    after = sides(base, head)
    assert {wait.target for wait in after.waits} - {wait.target for wait in before.waits} == {"cache:6379"}
    others = [as_measured(wait) for wait in after.waits if wait.target != "cache:6379"]
    assert others == list(map(as_measured, before.waits))
    assert (after.worse, after.better, after.states.keys()) == (before.worse, before.better, before.states.keys())
    for name, change in before.totals.items():
        assert after.totals[name]._replace(visible=None) == change._replace(visible=None)
    assert after.level < before.level and after.level_of_others < before.level_of_others
    assert after.totals["wall_s"].visible > before.totals["wall_s"].visible


def test_a_level_is_shared_out_among_the_quantities_that_are_judged():
    """By all that have an interval: what could be a regression, and what could not."""
    found = sides(plain(), worse())
    tested = [change for change in found.changes() if change.low is not None]
    could_be = [found.totals[name] for name in ("wall_s", "cpu_s", "peak_rss_bytes", "loop_blocked_s", "loop_blocks")]
    could_be += [change for wait in found.waits for change in (wait.count, wait.wall_s)]
    regressions = [change for change in could_be if change.low is not None]
    assert len(regressions) >= 5 and len(tested) - len(regressions) >= 20
    assert found.level * len(regressions) == pytest.approx(0.025)
    assert found.level_of_others * (len(tested) - len(regressions)) == pytest.approx(0.025)


def test_half_as_much_waiting_again_is_seen_in_one_run():
    """In the wall time, the seconds of the state, the target and the line; not in the CPU time."""
    found = sides(plain(), run(waiting=1.5))
    assert found.totals["wall_s"].rises and found.states_s["wait_network"].rises
    wait = wait_for(found, "files.example.org:443")
    assert wait.wall_s.rises and wait.each_s.rises and not wait.count.beyond
    assert found.hotspots[0].function == "download" and found.hotspots[0].wall_s.rises
    assert not found.totals["cpu_s"].beyond
    assert set(found.worse) == {"wall_s", 'waits["files.example.org:443"].wall_s'}


def test_a_fifth_more_waiting_is_seen_in_several_runs_only():
    """One run a side does not let anybody see it, and says how much it would take."""
    single = sides(plain(), run(waiting=1.12)).totals["wall_s"]
    assert not single.beyond and single.visible > 0.12
    assert compare(several(6, 1), several(6, 2, waiting=1.12)).totals["wall_s"].rises


def test_one_more_wait_per_item_is_a_regression_of_the_count():
    """Although all of it takes no longer."""
    found = sides(plain(), run(count=2.0))
    assert found.worse == ('waits["files.example.org:443"].count',)


@pytest.mark.parametrize("brief", [3, 20, 60, 300])
def test_waits_that_one_look_alone_has_seen_are_no_regression_of_the_count(brief):
    """However many: a thread that gets no CPU keeps others waiting, briefly and often."""
    head = run()
    head["waits"][0]["count"] += brief
    head["waits"][0]["count_brief"] = brief
    for base, other in ((plain(), head), (head, plain())):
        found = sides(base, other)
        assert not wait_for(found, "files.example.org:443").count.beyond
        assert found.worse == found.better == ()


@pytest.mark.parametrize("share", [0.05, 0.25, 0.4])
def test_waits_are_counted_where_both_sides_have_as_many_brief_ones(share):
    """How long waits are differs, and one look sees the shortest; that share moves a little, too."""
    base, head = run(), run(count=1.5)
    for document, part in ((base, share), (head, share + 0.03)):
        wait = document["waits"][0]
        wait["count_brief"] = round(part * wait["count"])
    assert 'waits["files.example.org:443"].count' in sides(base, head).worse


def test_waits_that_are_shorter_than_looks_are_not_counted():
    """Their count says how often was looked."""
    document = run()
    document["waits"][0]["count"] = 4000
    found = sides(document, document)
    assert wait_for(found, "files.example.org:443").count.why.startswith("too short to be counted")


def test_a_wait_that_appears_or_vanishes_is_told_if_it_is_long_enough():
    """Five looks and 1 % of the run."""
    found = sides(plain(), worse())
    database = wait_for(found, "db:5432")
    assert (database.presence, database.wall_s.beyond, database.wall_s.low) == (Presence.NEW, True, None)
    assert database.count.before == 0 and database.count.change > 0
    assert wait_for(sides(worse(), plain()), "db:5432").presence is Presence.GONE
    small = worse()
    small["waits"][-1] |= {"wall_s": 0.01, "thread_s": 0.01, "count": 1}
    beside = worse()
    beside["waits"][-1] |= {"wall_s": 0.0}  # only threads that the run did not wait for
    for head in (small, beside):
        found = wait_for(sides(plain(), head), "db:5432")
        assert (found.presence, found.beyond) == (Presence.UNSURE, False)


@pytest.mark.parametrize(("runs", "presence"), [(1, Presence.UNSURE), (2, Presence.NEW), (3, Presence.NEW)])
def test_a_wait_is_new_if_most_runs_of_one_side_have_it(runs, presence):
    """Absent is 0 seconds in the others, and one run of three makes no change."""
    head = several(3, 2)
    for _, document in head[:runs]:
        document["waits"].append({**document["waits"][0], "target": "db:5432", "wall_s": 0.9, "thread_s": 0.9})
    found = wait_for(compare(several(3, 1), head), "db:5432")
    assert (found.presence, found.beyond) == (presence, presence is Presence.NEW)
    back = wait_for(compare(head, several(3, 1)), "db:5432")
    assert back.presence is (Presence.GONE if presence is Presence.NEW else presence)


def test_a_wait_that_a_single_run_of_the_other_side_has_is_kept():
    """New is what no run of base has."""
    base, head = several(3, 1), several(3, 2)
    for _, document in (base[0], *head):
        document["waits"].append({**document["waits"][0], "target": "db:5432", "wall_s": 0.9, "thread_s": 0.9})
    assert wait_for(compare(base, head), "db:5432").presence is Presence.KEPT


def test_time_in_code_is_new_if_most_runs_have_enough_of_it():
    """Ten looks and a tenth of the run."""
    for seconds, presence in ((0.5, Presence.UNSURE), (2.0, Presence.NEW)):
        head = plain()
        head["hotspots"].append({**head["hotspots"][0], "function": "another", "wall_s": seconds})
        spot = next(spot for spot in sides(plain(), head).hotspots if spot.function == "another")
        assert (spot.presence, spot.wall_s.beyond) == (presence, presence is Presence.NEW)


def test_what_is_not_compared_is_not_new():
    """Where waits and lines are looked for in another way, one that only head has says nothing."""
    head = worse()
    head["hotspots"].append({**head["hotspots"][0], "function": "another", "wall_s": 5.0})
    found = sides(plain(), {**head, "source": "portable"})
    assert wait_for(found, "db:5432").presence is Presence.UNSURE
    assert next(spot for spot in found.hotspots if spot.function == "another").presence is Presence.UNSURE


def test_ports_in_passing_are_one_target():
    """Unless every run has that very port."""
    documents = [run() for _ in range(4)]
    for document, port in zip(documents, (40001, 50002, 40001, 40001), strict=True):
        document["waits"][0]["target"] = f"127.0.0.1:{port}"
    assert wait_for(sides(*documents[:2]), "127.0.0.1:*").presence is Presence.KEPT
    assert wait_for(sides(*documents[2:]), "127.0.0.1:40001").presence is Presence.KEPT


def test_locks_and_waits_without_a_target_go_by_their_function():
    """So that they are known again at another line."""
    base, head = plain(), plain()
    for document, line in ((base, 14), (head, 54)):
        document["waits"][0] |= {"state": "wait_lock", "target": f"lock at download_all.py:{line}", "line": line}
        document["waits"][1] |= {"target": "", "line": line}
        document["hotspots"][0]["line"] = line
    found = sides(base, head)
    assert {(wait.target, wait.function) for wait in found.waits} == {("lock in download", ""), ("", "download")}
    assert all(wait.presence is Presence.KEPT for wait in found.waits)


def test_functions_that_moved_are_known_by_name():
    """To other lines, and to a file of another name; so are findings and advice."""
    found = sides(plain(), moved(plain()))
    assert not found.changed
    spot = found.hotspots[0]
    assert (spot.file, spot.file_before) == ("app/downloads.py", "download_all.py")
    assert spot.line == spot.line_before + 40
    assert {each.presence for each in (*found.findings, *found.advice, *found.hotspots)} == {Presence.KEPT}


def test_a_wait_for_nothing_that_has_a_name_moves_with_its_function():
    """Else it would be new, which is a regression, and nothing is worse."""
    base, head = plain(), plain()
    for document in (base, head):
        document["waits"][0] |= {"state": "wait_sleep", "target": ""}
    found = sides(base, moved(head))
    (nap,) = [wait for wait in found.waits if wait.state == "wait_sleep"]
    assert (nap.file, nap.function, nap.presence) == ("app/downloads.py", "download", Presence.KEPT)
    assert nap.at is not None and nap.at.file == "app/downloads.py"
    assert not found.changed and not found.worse


def test_names_that_are_in_two_files_are_not_taken_for_moved():
    """Nobody knows which of them it was."""
    base, head = plain(), moved(plain())
    head["hotspots"].append({**head["hotspots"][0], "file": "other.py"})
    found = sides(base, head)
    assert Presence.GONE in {spot.presence for spot in found.hotspots if spot.function == "download"}


def test_findings_are_told_by_rule_and_file():
    """A second one of the same rule is new; a warning is a regression, an info is none."""
    head = plain()
    head["findings"].append({**head["findings"][0], "line": 90, "message": "another"})
    head["findings"].append({**head["findings"][1], "line": 91, "message": "another"})
    found = sides(plain(), head)
    assert [(each.rule, each.line) for each in found.findings if each.presence is Presence.NEW] == [
        ("IOB201", 90),
        ("IOB712", 91),
    ]
    assert found.worse == ("findings[IOB201][change=new]",)  # there is one that is not new


def test_advice_that_gains_something_else_is_told():
    """New, gone, and with another gain."""
    head = plain()
    head["advice"][0]["speed_up"] = {"estimate": 2.0, "low": 1.9, "high": 2.1}
    gone = head["advice"].pop(1)
    found = sides(plain(), head)
    threads = next(each for each in found.advice if each.strategy == "threads")
    assert threads.beyond and threads.speed_up.falls
    assert next(each for each in found.advice if each.strategy == gone["strategy"]).presence is Presence.GONE


def test_verdicts_change_when_no_run_of_a_side_says_what_the_other_does():
    """And a share did, too."""
    head = run(computing=60)
    head["verdict"]["bound"] = "cpu"
    assert sides(plain(), head).verdict.beyond
    doubtful = plain()
    doubtful["verdict"]["bound"] = "mixed"
    assert not sides(plain(), doubtful).verdict.beyond


@pytest.mark.parametrize(
    ("change", "not_judged", "judged"),
    [
        (elsewhere, ["wall_s", "cpu_s", "peak_rss_bytes"], "counts"),
        (lambda it: {**it, "interpreter": {**it["interpreter"], "version": "3.15.0"}}, ["wall_s", "cpu_s"], "counts"),
        (lambda it: {**it, "source": "portable"}, ["states"], "seconds"),
        (lambda it: {**it, "iobound": "9.9"}, ["findings"], "seconds"),
    ],
)
def test_what_differs_is_warned_of_and_not_judged(change, not_judged, judged):
    """Each with the reason; the rest is compared."""
    found = sides(plain(), change(worse()))
    assert len(found.warnings) == 1 and found.warnings[0].startswith("different ")
    for name in not_judged:
        if name == "findings":
            assert found.findings == () and found.advice == ()
        elif name == "states":
            assert all(share.why and share.change is None for share in found.states.values())
        else:
            assert found.totals[name].why and found.totals[name].before is not None
    counts = wait_for(found, "files.example.org:443").count
    assert counts.rises if judged == "counts" else found.totals["wall_s"].rises


def test_other_commands_are_compared_with_a_warning():
    """Paths of the working directory and made-up names are no difference."""
    head = plain()
    head["command"] = ["download_all.py", "other.txt"]
    found = sides(plain(), head)
    assert "commands" in found.warnings[0] and not found.totals["wall_s"].why
    same = plain()
    same["cwd"], same["command"] = "/elsewhere", ["/elsewhere/download_all.py", "urls.txt"]
    assert sides(plain(), same).warnings == ()


def test_a_starved_side_sees_less():
    """It is said so, and the intervals are wider."""
    head = plain()
    head["states"] |= {"wait_cpu": 0.3, "wait_network": head["states"]["wait_network"] - 0.3}
    found = sides(plain(), head)
    assert "got no CPU for 30 % of its time" in found.warnings[0]
    assert found.totals["wall_s"].visible > sides(plain(), plain()).totals["wall_s"].visible * 2


def test_runs_of_few_looks_say_little():
    """Not all files of the program may have been seen."""
    head = plain()
    head["overhead"]["samples"] = 7
    found = sides(plain(), head)
    assert "fewer than 50 looks (7 in head.json)" in found.warnings[0]
    assert found.findings == () and all(wait.count.why for wait in found.waits)


@pytest.mark.parametrize("story", STORIES)
def test_every_comparison_keeps_to_its_schema(story):
    """As JSON gives it back, with every object closed."""
    import json

    found = compare(*STORIES[story]())
    schema = report.comparison_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(report.render_comparison(found, "json", style=report.TextStyle())), schema)
    assert len(found.worse) == report.comparison_document(found)["regressions"]


def test_a_schema_forgets_nothing():
    """Each member of a change is described, so that expressions can ask for it."""
    schema = report.comparison_schema()
    document = report.comparison_document(sides(plain(), worse()))
    broken = copy.deepcopy(document)
    broken["wall_s"]["unheard"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


def with_services(document, count, **of_the_last):
    """A run that waits for so many more services, for less and less time."""
    like = document["waits"][0]
    for number in range(count):
        took = {"count": 40, "wall_s": 0.0, "thread_s": 4.0 - 0.01 * number}
        took |= of_the_last if number == count - 1 else {}
        document["waits"].append({**like, **took, "target": f"service{chr(97 + number % 26)}{number // 26}:80"})
    return document


def test_only_waits_of_most_time_are_judged_and_all_are_listed():
    """Each that is judged takes from the power of all others."""
    few, many = (sides(with_services(plain(), count), with_services(plain(), count)) for count in (40, 190))
    assert len(few.waits) == len(plain()["waits"]) + 40
    judged = [wait for wait in many.waits if not wait.wall_s.why]
    assert len(judged) == JUDGED == len([wait for wait in few.waits if not wait.wall_s.why])
    assert "of little time" in many.waits[-1].wall_s.why and "of little time" in many.waits[-1].count.why
    assert many.totals["wall_s"].visible == few.totals["wall_s"].visible
    assert not many.changed


def test_a_wait_of_little_time_is_new_all_the_same():
    """Beside two hundred others."""
    base, head = with_services(plain(), 189), with_services(plain(), 190, wall_s=0.5, thread_s=0.5)
    found = sides(base, head)
    [new] = [wait for wait in found.waits if wait.presence is Presence.NEW]
    assert found.waits.index(new) >= JUDGED
    assert any(new.target in path for path in found.worse)
