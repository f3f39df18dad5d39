"""Of several kinds of waiting the one is told that takes longest, or is most costly as a rule."""

from __future__ import annotations

import pytest

from iobound.model.finding import Span
from iobound.verbs.scan.catalogue.lookup import catalogue
from iobound.verbs.scan.program.effects import Effect, weightiest
from iobound.verbs.scan.program.facts import CallSite


def effect(name: str, weight_s: float, maybes: int = 0, depth: int = 1) -> Effect:
    entry = catalogue().find(name)
    assert entry is not None
    return Effect(entry, name, CallSite(0, Span(1, 0, 1, 1), 0), None, depth, weight_s, maybes)


@pytest.mark.parametrize(
    ("disk", "told"),
    [
        (effect("builtins.open", 0.1), "subprocess"),
        (effect("builtins.open", 1.0), "disk"),
        (effect("builtins.open", 1.0, maybes=1), "subprocess"),
        (effect("builtins.open", 1.0, depth=4), "subprocess"),
    ],
)
def test_another_kind_is_told_if_it_is_as_sure_and_takes_several_times_as_long(disk, told):
    assert weightiest({"disk": disk, "subprocess": effect("subprocess.run", 0.1)}) == told


def test_computing_is_no_waiting():
    assert weightiest({"cpu-python": effect("builtins.open", 1.0)}) == ""
