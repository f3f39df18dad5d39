"""Reports from outside are held against their schema before anything believes them."""

import copy
import json

import jsonschema
import pytest
from comparison_stories import plain
from hypothesis import given, settings
from hypothesis import strategies as st
from stories import STORIES

from iobound.verbs import report
from iobound.verbs.compare import compare, why_invalid

SCHEMA = report.schema()


@pytest.mark.parametrize("story", STORIES)
def test_our_own_reports_are_valid(story):
    """Every one of them."""
    text = report.render(STORIES[story](), "json", style=report.TextStyle())
    assert why_invalid(json.loads(text), SCHEMA) == ""


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("wall_s",), None, "wall_s is None, not a number"),
        (("wall_s",), -1, "wall_s is -1, less than 0"),
        (("wall_s",), True, "wall_s is True, not a number"),
        (("wall_s",), 1e300, "wall_s is larger than anything that is measured"),
        (("wall_s",), 10**400, "wall_s is larger than anything that is measured"),
        (("states", "idle"), "much", "states.idle is 'much', not a number"),
        (("states", "idle"), 1.5, "states.idle is 1.5, more than 1.000001"),
        (("waits", 0, "count"), 1.5, "waits[0].count is 1.5, not a whole number"),
        (("waits",), {}, "waits is an object, not a list"),
        (("intervals", "idle"), [0.1], "intervals.idle has 1 items"),
        (("verdict", "bound"), "fast", "verdict.bound is 'fast', which it cannot be"),
        (("machine",), [], "machine is a list, not an object"),
        (("cwd",), "x" * 70_000, "cwd is a text of 70,000 characters"),
    ],
)
def test_what_is_wrong_is_named(path, value, told):
    """With the path to it."""
    document = plain()
    at = document
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    assert why_invalid(document, SCHEMA) == told


def test_what_is_missing_is_named():
    """And what is there besides is let through: a later version may say more."""
    document = plain()
    del document["states"]["idle"]
    assert why_invalid(document, SCHEMA) == "states has no idle"
    assert why_invalid({**plain(), "more": 1}, SCHEMA) == ""


def test_reports_of_earlier_versions_are_read():
    """What they did not have yet is not asked for."""
    document = plain()
    del document["totals"]["gil_wait"], document["totals"]["lock_wait"]
    assert why_invalid(document, SCHEMA) == ""
    compare([("a", document)], [("b", plain())])


def test_no_list_is_endless():
    """All of them together are bounded."""
    document = plain()
    document["notes"] = ["x"] * 200_001
    assert "more than 200,000 items" in why_invalid(document, SCHEMA)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_valid_can_be_compared(data):
    """Whatever stands anywhere in a report: it is refused, or compared. Nothing else happens."""
    document = copy.deepcopy(plain())
    at, path = document, []
    while isinstance(at, dict | list) and at:
        keys = sorted(at) if isinstance(at, dict) else list(range(len(at)))
        path.append(data.draw(st.sampled_from(keys)))
        parent, at = at, at[path[-1]]
        if data.draw(st.booleans()):
            break
    parent[path[-1]] = data.draw(json_values)
    problem = why_invalid(document, SCHEMA)
    closed = {**SCHEMA, "additionalProperties": True}
    strict = jsonschema.Draft202012Validator(closed).is_valid(document)
    if strict:
        # A schema takes 2.0 for a whole number and has no largest one; no report of ours has either.
        assert not problem or "larger than anything" in problem or "not a whole number" in problem
    if not problem:
        compare([("a", document)], [("b", plain())])
        compare([("a", plain())], [("b", document)])
