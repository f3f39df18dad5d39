"""Which tests wait longer than in an earlier run, or less, by more than chance explains."""

from __future__ import annotations

from collections.abc import Sequence

from iobound.model.suite import Baseline, ChangedTest, Comparison, TimedTest

NOISE_SHARE = 0.25
NOISE_NS = 20_000_000
"""Of one run each nothing is known of how runs differ: a change under a quarter and 20 ms is taken for chance."""


def compare(tests: Sequence[TimedTest], baseline: Baseline) -> Comparison:
    """Compare the waiting of each test; its computing depends on the machine and is left out.

    Args:
        tests: Of this run.
        baseline: The earlier one.
    """
    changed = []
    for test in tests:
        before_ns = baseline.waiting_ns.get(test.test)
        if before_ns is None:
            continue
        noise_ns = round(NOISE_SHARE * max(before_ns, test.waiting_ns)) + NOISE_NS + test.uncertain_ns
        if abs(test.waiting_ns - before_ns) > noise_ns:
            target = test.waits[0].target if test.waits else ""
            changed.append(ChangedTest(test.test, before_ns, test.waiting_ns, noise_ns, target))
    changed.sort(key=lambda each: (-abs(each.now_ns - each.before_ns), each.test))
    names = {test.test for test in tests}
    return Comparison(
        path=baseline.path,
        longer=tuple(each for each in changed if each.now_ns > each.before_ns),
        shorter=tuple(each for each in changed if each.now_ns < each.before_ns),
        added=len(names - baseline.waiting_ns.keys()),
        removed=len(baseline.waiting_ns.keys() - names),
    )
