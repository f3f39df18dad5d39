"""What a run is bound by, what to do about it, and what says so. Pure.

Steps: compare groups of states by their intervals (`verdict`), collect what the predictions suggest at each site
(`at_sites`) and what the run as a whole suggests (`whole_program`), rank it or advise to leave the program alone
(`order`, `leave`), put the seven kinds of evidence into sentences (`evidence`), and hold the numbers against the
gates that were asked for (`gates`).
"""

from __future__ import annotations

from collections.abc import Iterable

from iobound.advise.evidence import evidence
from iobound.advise.gates import Gate
from iobound.advise.gates import applied as gate
from iobound.advise.gates import parse as _parse
from iobound.advise.order import advise
from iobound.advise.verdict import verdict

__all__ = ["Gate", "advise", "evidence", "gate", "parse_checks", "verdict"]


def parse_checks(texts: Iterable[str]) -> tuple[Gate, ...]:
    """Read the gates of a command line; see `gates.parse`.

    Raises:
        UsageError: One of them cannot be read.
    """
    return tuple(_parse(text) for text in texts)
