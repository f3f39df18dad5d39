"""When a blocked event loop is worth a word: only where the run waits for it."""

from __future__ import annotations

import pytest
from advise_stories import FILE, NET, NS, PY, heard, told

from iobound import advise
from iobound.model.breakdown import EventLoop, LoopBlock
from iobound.model.prediction import Strategy

WAITS = LoopBlock(NS, NS, NET, FILE, 18, "crawl", "requests.get")
COMPUTES = LoopBlock(NS, NS, PY, FILE, 20, "crunch", "")


def strategies(*loops: EventLoop) -> list[Strategy]:
    run, recording = told({NET: 2.5, PY: 2.5}, event_loops=loops), heard()
    return [each.strategy for each in advise.advise(run, recording, advise.verdict(run, recording), ())]


@pytest.mark.parametrize(
    ("block", "waiting_ns", "advised"),
    [
        (WAITS, 2 * NS, True),
        (WAITS, 0, False),  # nobody waits for that thread
        (COMPUTES, 0, False),  # what it computes takes as long elsewhere
        (WAITS._replace(importing=True), 2 * NS, False),  # modules are loaded once
    ],
)
def test_unblocking_is_advised_where_the_run_waits_in_callbacks(
    block: LoopBlock, waiting_ns: int, advised: bool
) -> None:
    """A gain of nothing is no advice."""
    loop = EventLoop("MainThread", 2 * NS, NS, (block, block), waiting_ns=waiting_ns)
    assert (Strategy.UNBLOCK_EVENT_LOOP in strategies(loop)) is advised


def test_of_several_loops_the_one_that_the_run_waits_for_is_told() -> None:
    """A helper's loop may be blocked for longer, and all the same hold nothing up."""
    helper = EventLoop("Helper", 4 * NS, NS, (WAITS,) * 4)
    main = EventLoop("MainThread", 2 * NS, NS, (WAITS,) * 2, waiting_ns=2 * NS)
    run, recording = told({NET: 2.5, PY: 2.5}, event_loops=(helper, main)), heard()
    first = advise.advise(run, recording, advise.verdict(run, recording), ())[0]
    assert "event loop of MainThread" in first.reason
