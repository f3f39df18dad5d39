"""From a site to the whole program: Amdahl's law with intervals."""

from __future__ import annotations

from iobound.model.breakdown import Interval
from iobound.model.prediction import Estimate
from iobound.verbs.predict.costs import REST_VARIES


def amdahl(share: float, site_speed_up: float) -> float:
    """Speed-up of a program of which a share runs faster: 1 / ((1-f) + f/s).

    **Source**: Amdahl, 1967.

    Example:
        >>> round(amdahl(0.9, 10.0), 2)
        5.26
    """
    return 1 / ((1 - share) + share / site_speed_up)


def _with_rest(share: float, factor: float) -> float:
    """The site's share when the rest of the program takes so many times as long."""
    return share / (share + (1 - share) * factor) if share > 0 else 0.0


def whole_program(share: float, shares: Interval, site: Estimate) -> Estimate:
    """Speed-up of the program, the uncertainty of the share and of the site's speed-up together.

    Args:
        share: The site's share of wall time, 0..1.
        shares: Its 90 % interval.
        site: Speed-up of the site alone.
    """
    share = min(1.0, max(0.0, share))
    ends = {min(1.0, max(0.0, end)) for end in (shares.low, shares.high, share)}
    estimate = amdahl(share, site.estimate)
    low = min(amdahl(_with_rest(end, REST_VARIES.worst), site.low) for end in ends)
    high = max(amdahl(_with_rest(end, REST_VARIES.best), site.high) for end in ends)
    return Estimate(estimate=estimate, low=min(low, estimate), high=max(high, estimate))
