"""What is kept of calls: each as likely as any other, callers, and never more than so much."""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from iobound.decorator.call_log import EVERY_CALLER, FIELDS, MOST_SAMPLES, PAUSE_NS, CallLog
from iobound.decorator.member import Member


def log_with() -> CallLog:
    return CallLog("m:f", None, "function", lambda log, now: None)


def give(log: CallLog, walls: range, *, batch: int = 1000, site: int = 0) -> None:
    """Calls one after another, whose CPU time is a number of their own."""
    start = max(log.last_ns, 10**9)
    for wall in walls:
        log.pending.extend((start, start + 100, wall, site, 1))
        start += 200
        if len(log.pending) == batch * FIELDS:
            log.drain(start)
    log.drain(start)
    assert not log.problem


def test_all_are_samples_while_there_are_few() -> None:
    """In their order."""
    log = log_with()
    give(log, range(MOST_SAMPLES), batch=7)
    assert [cpu for _, cpu in log.samples] == list(range(MOST_SAMPLES))


def test_each_call_is_as_likely_as_any_other() -> None:
    """Ten thousand calls, twenty logs: each tenth of them has its tenth of the samples."""
    tenths = [0] * 10
    for number in range(20):
        log = log_with()
        log._sampling._state = 0x9E3779B97F4A7C15 + 2 * number
        give(log, range(10_000), batch=31 + number)
        assert len(log.samples) == MOST_SAMPLES
        assert len({cpu for _, cpu in log.samples}) == MOST_SAMPLES
        for _, cpu in log.samples:
            tenths[cpu // 1000] += 1
    expected = 20 * MOST_SAMPLES / 10
    # Chi squared with nine degrees of freedom is above 27.9 once in a thousand times.
    assert sum((seen - expected) ** 2 / expected for seen in tenths) < 27.9


def test_memory_is_bounded_for_ten_million_calls() -> None:
    """What is kept after a hundred thousand calls is not less than after ten million."""
    log = log_with()

    def calls(count: int, batch: int) -> None:
        start = log.last_ns + 10**6
        row = [
            field for number in range(batch) for field in (start + 200 * number, start + 200 * number + 100, 7, 0, 1)
        ]
        for _ in range(count // batch):
            log.pending.extend(row)
            log.drain(0)
            shift = 200 * batch + 10**6
            row = [field + shift if at % FIELDS < 2 else field for at, field in enumerate(row)]

    calls(2_500_000, 1000)
    gc.collect()
    before = sys.getallocatedblocks()
    calls(7_500_000, 1000)
    gc.collect()
    assert log.calls == 10_000_000
    assert sys.getallocatedblocks() - before < 3_000
    assert len(log.samples) == MOST_SAMPLES


def test_callers_are_exact_among_the_first_and_scaled_after() -> None:
    """Of later calls one of sixteen is asked."""
    log = log_with()
    frame: FrameType = sys._getframe()
    log.learn(11, frame)
    log.learn(12, frame)
    give(log, range(EVERY_CALLER - 96), batch=100, site=11)
    assert (log.mask, log.callers) == (0, {11: [EVERY_CALLER - 96, 0]})
    give(log, range(96), batch=96, site=12)
    assert log.mask
    assert log.callers == {11: [4000, 0], 12: [96, 0]}
    give(log, range(10), batch=10, site=12)
    assert log.callers[12] == [96, 10]


def test_callers_over_a_thousand_are_somewhere_else() -> None:
    """They are counted, without a name."""
    log = log_with()
    frame = sys._getframe()
    for site in range(1, 1500):
        log.learn(site, frame)
        give(log, range(1), site=site)
    assert len(log.sites) == 1000
    assert log.callers[-1] == [499, 0]
    assert sum(map(sum, log.callers.values())) == 1499


def test_a_child_begins_anew() -> None:
    """Calls that began in the parent are not its own, whenever they end."""
    log = log_with()
    give(log, range(10_000))
    log.begin_anew(5 * 10**9)
    assert (log.calls, log.mask, log.several, log.callers) == (0, 0, True, {})
    log.pending.extend((4 * 10**9, 6 * 10**9, 1, 0, 1))
    log.pending.extend((5 * 10**9, 6 * 10**9, 1, 0, 1))
    log.fail(4 * 10**9)
    log.fail(5 * 10**9)
    log.drain(0)
    assert (log.calls, log.failed, log.first_ns) == (1, 1, 5 * 10**9)


def test_who_drains_already_is_not_waited_for() -> None:
    """A signal handler, or another thread, leaves its calls for the next time."""
    log = log_with()
    log.pending.extend((1, 2, 1, 0, 1))
    assert log._draining.acquire()
    log._is_draining = True
    log.drain(0)
    log.drain(0, 0.01)
    assert log.calls == 0
    log._is_draining = False
    log._draining.release()
    log.drain(0)
    assert log.calls == 1


def test_a_lock_that_nobody_holds_any_more_is_taken_over() -> None:
    """Ctrl-C came just after it was taken: at the latest a report repairs that."""
    log = log_with()
    log.pending.extend((1, 2, 1, 0, 1))
    assert log._draining.acquire()
    log.drain(0)
    assert log.calls == 0
    log.drain(0, 0.01)
    assert log.calls == 1
    log.pending.extend((3, 4, 1, 0, 1))
    log.drain(0)
    assert log.calls == 2


def test_a_problem_loses_a_batch_and_says_so() -> None:
    """And the next ones are taken in."""
    log = log_with()
    log.pending.extend((1, 2, 1, 0, None))  # type: ignore[arg-type]
    log.pending.extend((1, 2, 1, 0, 1))
    log.drain(0)
    assert log.problem.startswith("TypeError")
    log.problem = ""
    give(log, range(5))
    assert log.calls >= 5


def test_a_call_now_and_then_is_not_dearer_the_more_there_were(tmp_path: Path) -> None:
    """To take it in, and to leave it to a parent, takes as many steps after thousands, counted in calls of Python."""
    member = Member(str(tmp_path))
    log = CallLog("m:f", None, "function", lambda log, now: member.write([log], log, 0))

    def steps_of_one() -> int:
        steps = 0

        def counts(frame: FrameType, event: str, argument: object) -> None:
            nonlocal steps
            steps += 1

        start = log.last_ns + 2_000_000
        log.pending.extend((start, start + 1000, 500, 0, 1))
        sys.setprofile(counts)
        log.drain(start)
        sys.setprofile(None)
        return steps

    give(log, range(100), batch=1)
    early = steps_of_one()
    give(log, range(1800), batch=1)
    assert early - 10 <= steps_of_one() <= early + 10
    assert early < 200


def test_a_head_takes_in_several_at_once(advise: Any) -> None:
    """Nobody needs its sums before it asks; a child's are left at once, for it may end without a word."""
    made = advise(len, name="m:f")
    log = advise.ledger.logs[-1]
    for is_child, pending in ((False, 7), (True, 0)):
        log.is_left_at_once = is_child
        for _ in range(7):
            time.sleep(2 * PAUSE_NS / 1e9)
            made("")
        assert len(log.pending) == pending * FIELDS
    assert advise.log.calls == 14
