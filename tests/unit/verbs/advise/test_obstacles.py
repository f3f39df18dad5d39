"""What an advice asks to be checked."""

from __future__ import annotations

import pytest
from advise_stories import NET, SLEEP, site_of

from iobound.model.prediction import Strategy
from iobound.verbs.advise import reasons


@pytest.mark.parametrize(("slept_s", "told"), [(2.0, True), (0.2, False)])
def test_a_throttle_is_to_be_kept(slept_s: float, told: bool) -> None:
    """Sleep inside the call may be a limit that several workers together would break."""
    found = reasons.obstacles(Strategy.THREADS, site_of("ask", {SLEEP: slept_s, NET: 2.0}, 4.0))
    assert any("on purpose" in obstacle for obstacle in found) is told
