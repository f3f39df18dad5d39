"""`map` is a loop: over what, of what, and whether its items need one another."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    "statement",
    [
        "found = list(map(fetch, urls))",
        "found = dict(map(fetch, urls))",
        "found = sum(map(fetch, urls))",
        "print(len(list(map(fetch, urls))))",
        "found.extend(map(fetch, urls))",
        "found = sorted(filter(None, map(fetch, urls)))",
        "for each in map(fetch, urls):\n        print(each)",
    ],
)
def test_what_drains_a_map_runs_a_loop(observe: type[Any], statement: str) -> None:
    """The function that is mapped is what is called per item, at the place that drains the map."""
    seen = observe(f"def fetch(url):\n    return url\n\ndef main(urls, found):\n    {statement}\n")
    (fact,) = seen.calls("fetch(item)")
    (loop,) = seen.loops_around("fetch(item)")
    assert fact.name == "fetch"
    assert (loop.kind, loop.target, loop.iterable, loop.independent) == ("comprehension", "item", "urls", "yes")


@pytest.mark.parametrize(
    "statement", ["lazy = map(fetch, urls)", "found = first(map(fetch, urls))", "found = any(map(fetch, urls))"]
)
def test_a_map_that_is_not_surely_drained_is_no_loop(observe: type[Any], statement: str) -> None:
    """What an unknown function does with a map, and how far it gets, is not known."""
    seen = observe(f"def fetch(url):\n    return url\n\ndef main(urls):\n    {statement}\n")
    assert not seen.facts.loops


def test_a_map_of_a_lambda(observe: type[Any]) -> None:
    """The body of a lambda is what is done per item; several iterables go together."""
    seen = observe("def area(w, h):\n    return w * h\n\nprint(list(map(lambda w, h: area(w, h), [1, 2], range(2))))\n")
    (loop,) = seen.facts.loops
    assert (loop.target, loop.iterable, loop.trip_count) == ("w, h", "zip([1, 2], range(2))", None)


def test_a_map_knows_its_length(observe: type[Any]) -> None:
    """As a comprehension over the same items does."""
    seen = observe("def area(w):\n    return w\n\nprint(list(map(area, range(20))))\n")
    assert seen.facts.loops[0].trip_count == 20


def test_a_map_over_a_shared_state_is_doubtful(observe: type[Any]) -> None:
    """The mapped function is judged as in any other loop."""
    seen = observe("seen = {}\n\ndef note(x):\n    seen[x] = len(seen)\n\nprint(list(map(note, range(20))))\n")
    assert seen.facts.loops[0].independent == "no"
