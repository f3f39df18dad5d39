"""When to look: at random times around a period that keeps the observer's own CPU share under its limit."""

from __future__ import annotations

_GOLDEN = 0.6180339887498949
_REVIEW_NS = 250_000_000
_SLOWEST_NS = 2_000_000_000
_EARLY_NS, _AT_ONCE_NS, _CHEAP_NS = 3_000_000_000, 1_000_000_000, 1_000_000
"""A short run has few looks, and nothing is saved by seeing too little of it. So looks may take what is due to three
seconds more: that of one second at once, the rest as they pass. Where one costs more than a millisecond it is less."""
_SETTLED_NS = 10_000_000_000
_MEMORY = 8  # reviews
_LEAST_LEFT = 0.25  # of the limit, however much is to be saved again: a run must not go blind
_FEW = 6  # looks are enough to tell that they are dear


class Timetable:
    """Times of the looks at the target.

    Looks are jittered, so that a looping target is not met at the same point of its loop each time. Every quarter of
    a second, and as soon as a few looks have turned out dear, the period is set so that the looks' own cost stays
    under the limit; what was spent above it before that is saved again, but for what is due to three seconds.

    Args:
        period_ns: Mean time between looks when they cost little.
        max_overhead: Largest share of one CPU that looking may take.
        now: Start.
    """

    def __init__(self, period_ns: int, max_overhead: float, now: int) -> None:
        self.base_ns = period_ns
        self.period_ns = period_ns
        self.slowed = False
        self.wanted = self.taken = self.late = 0
        self._limit = max_overhead
        self._allowance_ns = int(max_overhead * 1e9)  # of a second
        self._start_ns = now
        self._spent_ns = self._excused_ns = 0
        self._mean_ns = 0.0  # of all looks, those of long ago forgotten
        self._phase = 0.5
        self._next_ns = now
        self._review_ns = now + _REVIEW_NS
        self._costs: list[int] = []

    @property
    def limit(self) -> float:
        """Largest share of one CPU that looking may take in the long run."""
        return self._limit

    def begin(self, now: int) -> None:
        """Count from now on: the first look is due half a period later."""
        self._start_ns, self._review_ns = now, now + _REVIEW_NS
        self._next_ns = now + self.period_ns // 2

    def seconds_left(self, now: int) -> float:
        """Time until the next look is due."""
        return (self._next_ns - now) / 1e9

    def took_look(self, now: int, cost_ns: int) -> None:
        """A look was taken and has cost so much CPU time: plan the next.

        Looks whose time has passed meanwhile are missed, not made up for.
        """
        self._costs.append(max(0, cost_ns - self._excused_ns))
        self._excused_ns = 0
        self.taken += 1
        self.wanted += 1
        if now - self._next_ns > self.period_ns:
            self.late += 1
        # Multiples of the golden ratio fill the unit interval evenly, and meet no period of a target twice.
        self._phase = (self._phase + _GOLDEN) % 1.0
        step = int(self.period_ns * (0.5 + self._phase))
        self._next_ns += step
        if self._next_ns <= now:
            behind = (now - self._next_ns) // self.period_ns
            self.wanted += behind
            self._next_ns = now + step
        if now >= self._review_ns or self._are_dear():
            self._review(now)

    def _are_dear(self) -> bool:
        """Whether a few looks have cost what a second may, even if all cost as little as the cheaper half of them."""
        count = len(self._costs)
        if count < _FEW or sum(self._costs) <= self._allowance_ns:
            return False
        return 2 * sum(sorted(self._costs)[: count // 2]) > self._allowance_ns

    def excuse(self, cpu_ns: int) -> None:
        """So much of what the look under way costs is not for looking: something was loaded that is needed later."""
        self._excused_ns += cpu_ns

    def _review(self, now: int) -> None:
        """Set the period by what looks usually cost, and by what all of them have cost so far.

        The dearest are no measure of the next ones, since they did things that are done seldom; but they are paid for.
        """
        self._costs.sort()
        count = len(self._costs)
        usual = self._costs[: max(1, count * 9 // 10 if count > _FEW else count // 2)]
        self._spent_ns += sum(self._costs)
        self._mean_ns += (sum(self._costs) / count - self._mean_ns) / _MEMORY
        elapsed_ns = now - self._start_ns
        cost_ns = sum(usual) / len(usual)
        if elapsed_ns > _SETTLED_NS:  # by then what is done seldom has been done often enough to be known
            cost_ns = max(cost_ns, self._mean_ns)
        cheap = cost_ns < _CHEAP_NS
        early_ns = min(_AT_ONCE_NS + elapsed_ns, _EARLY_NS) * min(1.0, _CHEAP_NS / max(1.0, cost_ns))
        debt_ns = self._spent_ns - self._limit * (elapsed_ns + early_ns)
        limit = 2 * self._limit if cheap and elapsed_ns < _EARLY_NS else self._limit
        left = min(1.0, max(_LEAST_LEFT, 1 - debt_ns / (2.5 * self._allowance_ns)))
        sparing = int(cost_ns / (limit * left))
        self.period_ns = min(max(self.base_ns, sparing), _SLOWEST_NS)
        self.slowed = self.slowed or sparing > 2 * self.base_ns
        self._costs.clear()
        self._review_ns = now + max(_REVIEW_NS, 8 * self.period_ns)
