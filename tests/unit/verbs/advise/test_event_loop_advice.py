"""When a blocked event loop is worth a word: only where the run waits for it."""

from __future__ import annotations

import pytest
from advise_stories import FILE, NET, NS, PY, heard, told

from iobound.model.breakdown import EventLoop, LoopBlock
from iobound.model.prediction import Strategy
from iobound.model.source_facts import LimitFact, SourceFacts
from iobound.model.state import State
from iobound.verbs import advise

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
        (WAITS._replace(state=State.WAIT_CPU), 2 * NS, False),  # another thread would stand in the same line
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


def test_the_line_that_waits_for_longest_in_all_is_told() -> None:
    """What computes cannot be awaited, and many short waits are more than a longer one."""
    short = WAITS._replace(line=44, call="time.sleep", duration_ns=NS // 4)
    blocks = (COMPUTES._replace(duration_ns=3 * NS), WAITS._replace(duration_ns=NS // 2), *(short,) * 4)
    loop = EventLoop("MainThread", 5 * NS, 3 * NS, blocks, waiting_ns=2 * NS)
    run, recording = told({NET: 2.5, PY: 2.5}, event_loops=(loop,)), heard()
    first = advise.advise(run, recording, advise.verdict(run, recording), ())[0]
    assert "`time.sleep` at app.py:44" in first.reason


LIMIT = LimitFact(FILE, 9, "asyncio.Semaphore", 2)


@pytest.mark.parametrize(
    ("limits", "selecting_s", "workers"),
    [
        ((LIMIT,), 9.0, 16),
        ((LIMIT._replace(at_once=10),), 9.0, 40),
        ((LIMIT._replace(at_once=40), LIMIT), 9.0, 16),  # the narrowest holds up
        ((LIMIT._replace(at_once=100),), 9.0, None),  # enough for anybody
        ((LIMIT,), 2.0, None),  # the loop has other things to do
        ((), 9.0, None),
    ],
)
def test_a_loop_that_waits_behind_a_small_limit_may_let_more_through(
    limits: tuple[LimitFact, ...], selecting_s: float, workers: int | None
) -> None:
    loop = EventLoop("MainThread", 0, 0, (), selecting_ns=round(selecting_s * NS))
    run = told({NET: 9.0, PY: 1.0}, event_loops=(loop,))
    recording = heard()._replace(facts=SourceFacts(limits=limits))
    first = advise.advise(run, recording, advise.verdict(run, recording), ())[0]
    assert (first.strategy is Strategy.MORE_WORKERS) == (workers is not None)
    if workers is not None:
        assert first.workers == workers
        assert first.speed_up.low == pytest.approx(1.0)
        assert 1.4 < first.speed_up.estimate < first.speed_up.high < 10
        assert "far side" in first.obstacles[0]
