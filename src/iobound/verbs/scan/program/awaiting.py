"""Loops that await one item after another, as far as facts tell: which of them are worth a closer look."""

from __future__ import annotations

from collections.abc import Iterator

from iobound.verbs.scan.program.facts import AwaitFacts, FileFacts, FunctionFacts

FEW = 4
"""Items from which overlapping them is worth a change."""

IN_TURN = ("for", "comprehension")
"""Kinds of loops that have their items before they begin."""

_IN_ORDER = frozenset(
    "aclose asend athrow cancel close commit drain flush notify put read readline receive recv release rollback send "
    "sendall start stop wait_closed write writelines".split()
)
"""Last names of calls whose order counts, or that wait for nothing to speak of, whatever object they are made on."""


def may_overlap(awaits: AwaitFacts) -> bool:
    """Whether calls of something unknown might as well be made at once, by what they are called.

    Example:
        >>> from iobound.model.finding import Span
        >>> [may_overlap(AwaitFacts(name, 1, Span(1, 0, 1, 9))) for name in ("client.fetch", "stream.write")]
        [True, False]
    """
    last = awaits.spelled.rpartition(".")[2]
    return last.isidentifier() and last not in _IN_ORDER and not last.startswith(("__", "send_", "write_"))


def awaiting_loops(facts: FileFacts, function: FunctionFacts) -> Iterator[int]:
    """Numbers of the loops around awaited calls of something unknown."""
    for each in function.awaits:
        if each.loop >= 0 and may_overlap(each) and runs_through_items(facts, each.loop):
            yield each.loop


def runs_through_items(facts: FileFacts, loop: int) -> bool:
    """Whether a loop has enough items, before it begins, for overlapping them."""
    return facts.loops[loop].kind in IN_TURN and not 0 <= facts.loops[loop].trips < FEW
