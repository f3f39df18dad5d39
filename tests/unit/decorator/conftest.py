"""Decorated functions that nobody observes: what the wrappers do is what counts here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from iobound.decorator.advising import advise_in
from iobound.decorator.call_log import CallLog
from iobound.decorator.ledger import Ledger


class QuietLedger(Ledger):
    """A ledger that starts no observer and tells nothing at exit."""

    def register(self, log: CallLog) -> None:
        """A function has been decorated."""
        self.logs.append(log)

    def begin(self) -> None:
        """A function is about to be called for the first time."""


class Advising:
    """Decorates, and knows the log of what it decorated last."""

    def __init__(self) -> None:
        self.ledger = QuietLedger()

    def __call__(self, func: Any, *, name: str = "", workers: Any = ()) -> Any:
        return advise_in(self.ledger, func, name, workers, True)

    @property
    def log(self) -> CallLog:
        """Of what was decorated last, everything that has ended taken in."""
        self.ledger.flush()
        assert not self.ledger.logs[-1].problem
        return self.ledger.logs[-1]

    def callers(self) -> dict[str, int]:
        """How often each function called it."""
        found: dict[str, int] = {}
        for site, counts in self.log.callers.items():
            code, _ = self.log.sites[site]
            found[code.co_name] = found.get(code.co_name, 0) + sum(counts)
        return found


@pytest.fixture
def advise() -> Callable[..., Any]:
    """Decorates without observing."""
    return Advising()
