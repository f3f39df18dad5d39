"""Costs are ranges, and each is documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from iobound.verbs.predict import costs
from iobound.verbs.predict.costs import Cost, Outlook

RANGES = {name: value for name, value in vars(costs).items() if isinstance(value, Cost)}
DOCUMENT = Path(__file__).parents[4] / "docs" / "models.md"


@pytest.mark.parametrize("name", RANGES)
def test_likely_lies_between_worst_and_best(name):
    cost = RANGES[name]
    assert sorted([cost.worst, cost.likely, cost.best]) in ([*vals(cost)], [*vals(cost)][::-1])
    assert cost.at(Outlook.LIKELY) == cost.likely


def vals(cost: Cost):
    return cost.worst, cost.likely, cost.best


@pytest.mark.parametrize("name", [name for name in vars(costs) if name.isupper() and name != "OUTLOOKS"])
def test_every_constant_is_documented(name):
    assert f"`{name}`" in DOCUMENT.read_text(encoding="utf-8")
