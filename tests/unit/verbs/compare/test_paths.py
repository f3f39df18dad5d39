"""Paths of what became worse or better: each reads back, and selects exactly what it is of."""

from __future__ import annotations

import pytest
from comparison_stories import STORIES, one, plain, run, worse
from hypothesis import given, settings
from hypothesis import strategies as st

from iobound.verbs import gate, report
from iobound.verbs.compare import compare
from iobound.verbs.compare.paths import LONGEST
from iobound.verbs.gate import selecting

HOSTILE = [
    "db*:5432",
    'a "quoted" b',
    "back\\slash",
    "\b\f\n\t\0",
    "]",
    "[0]",
    "=",
    "",
    "\u202e",
    "\udc80",
    "é",
    "x" * 5000,
]


def selected(found, path):
    """All that a path leads to, in the document that it is written into."""
    vocabulary = gate.of_comparison(report.comparison_schema())
    ending = "!= x" if path.startswith("findings") else ".change > 0"
    text = f"count({path}) > 0" if path.startswith("findings") else f"{path}{ending}"
    return selecting.select(report.comparison_document(found), gate.parse(text, vocabulary).measure.steps)


def assert_each_is_of_one(found):
    paths = (*found.worse, *found.better)
    assert len(set(paths)) == len(paths)
    for path in paths:
        assert len(selected(found, path)) == 1, path
    return paths


@pytest.mark.parametrize("story", STORIES)
def test_paths_of_stories_select_one_item_each(story):
    """As people would write them."""
    assert_each_is_of_one(compare(*STORIES[story]()))


@pytest.mark.parametrize("target", HOSTILE)
def test_a_target_is_taken_as_it_is(target):
    """A star stands for itself, quotes end nothing; the value that is found is that of the wait."""
    base, head = plain(), run(waiting=2.0)
    for document in (base, head):
        document["waits"][0]["target"] = target
        document["waits"].append({**document["waits"][0], "target": "db1:5432", "thread_s": 0.9, "wall_s": 0.9})
    found = compare(one(base, "base.json"), one(head, "head.json"))
    path = next(path for path in assert_each_is_of_one(found) if path.endswith(".wall_s") and path != "wall_s")
    assert len(path) <= LONGEST + 20 and path.isprintable()
    wait = next(wait for wait in found.waits if wait.wall_s.rises)
    assert selected(found, path)[0].value == pytest.approx(wait.wall_s.change)


text = st.text(st.sampled_from('ab*"\\]\n\u202e'), max_size=4)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["wait_network", "wait_disk"]), text, text, text), max_size=5))
def test_waits_that_share_names_are_told_apart(waits):
    """By state, function and file, and at last by their place among those alike."""
    base, head = plain(), plain()
    for slower, document in ((1, base), (4, head)):
        for line, (state, target, file, function) in enumerate(waits):
            at = {"state": state, "target": target, "file": file or None, "line": 900 + line}
            document["waits"].append({**document["waits"][0], **at, "wall_s": slower, "thread_s": slower, "count": 2})
            document["hotspots"].append(
                {**document["hotspots"][0], "file": file, "line": 900 + line, "function": function, "wall_s": 0.01}
            )
    found = compare(one(base, "base.json"), one(head, "head.json"))
    paths = assert_each_is_of_one(found)
    assert len([path for path in paths if path.endswith("].wall_s")]) == len(found.waits) - 2


def test_findings_of_one_rule_are_told_apart():
    """By whether they are new, and by where they are."""
    head = worse()
    for line in (90, 91):
        head["findings"].append({**head["findings"][0], "rule": "IOB203", "line": line, "message": f"another {line}"})
    found = compare(one(plain(), "base.json"), one(head, "head.json"))
    paths = [path for path in assert_each_is_of_one(found) if path.startswith("findings")]
    assert len(paths) == 3 and all(path.startswith("findings[IOB203]") for path in paths)
