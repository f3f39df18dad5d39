"""Parts that the JSON reports of runs and of functions have in common."""

from __future__ import annotations

from iobound.model.breakdown import Breakdown, Wait
from iobound.model.diagnosis import Advice, Check, Verdict
from iobound.model.prediction import Estimate, Prediction
from iobound.model.state import Budget, Shares, State
from iobound.model.state import shares_of as shares_of_budget
from iobound.verbs.report import paths

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_NS_PER_S = 1_000_000_000
_DIGITS = 9  # thirteen shares rounded to nine digits are off by 1e-8 at most


def verdict(of: Verdict) -> Json:
    """What it is bound by."""
    return {
        "bound": of.bound.value,
        "dominant": of.dominant.value,
        "share": of.share,
        "low": of.low,
        "high": of.high,
        "summary": of.summary,
        "settle": of.settle or None,
    }


def estimate(of: Estimate) -> dict[str, Json]:
    """A speed-up with its interval."""
    return {"estimate": of.estimate, "low": of.low, "high": of.high}


def advice(of: Advice) -> Json:
    """One piece of advice."""
    return {
        "strategy": of.strategy.value,
        "workers": of.workers,
        "site": of.site,
        "speed_up": estimate(of.speed_up),
        "reason": of.reason,
        "steps": list(of.steps),
        "snippet": of.snippet,
        "obstacles": list(of.obstacles),
    }


def prediction(of: Prediction) -> Json:
    """One prediction."""
    return {
        "site": of.site,
        "strategy": of.strategy.value,
        "workers": of.workers,
        **estimate(of.speed_up),
        "site_speed_up": of.site_speed_up,
        "bottleneck": of.bottleneck,
        "saturates_at": of.saturates_at,
    }


def check(of: Check) -> Json:
    """How a gate went."""
    return {
        "expression": of.expression,
        "passed": of.passed,
        "seen": of.seen,
        "low": of.low,
        "high": of.high,
        "places": [{"file": place.file, "line": place.line, "name": place.name} for place in of.places],
        "text": of.text,
    }


def wait(of: Wait, cwd: str) -> Json:
    """Waits for one target."""
    return {
        "state": of.state.value,
        "target": of.target,
        "wall_s": seconds(of.wall_ns),
        "thread_s": seconds(of.thread_ns),
        "count": of.count,
        "count_known": of.count_known,
        "count_brief": of.count_brief,
        "file": None if of.file is None else paths.relative(of.file, cwd),
        "line": line(of.line),
    }


def shares(of: Shares) -> Json:
    """All states; they add up to 1."""
    return {state.value: round(min(1.0, max(0.0, of.get(state, 0.0))), _DIGITS) for state in State}


def shares_of(budget: Budget) -> Json:
    """The same for times."""
    return shares(shares_of_budget(budget))


def intervals(breakdown: Breakdown) -> Json:
    """Lowest and highest share of each state; null where it is not known."""
    known = breakdown.intervals
    return {state.value: [known[state].low, known[state].high] if state in known else None for state in State}


def line(number: int | None) -> int | None:
    """Lines are counted from 1; inside, 0 stands for one that is not known."""
    return number or None


def seconds(time_ns: int | None) -> float | None:
    """All nine digits, so that nothing is lost."""
    return None if time_ns is None else round(time_ns / _NS_PER_S, _DIGITS)
