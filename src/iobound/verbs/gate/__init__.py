"""Gates: from the text of a check to a gate, and from a gate and a JSON report to whether it holds. Pure.

Steps: `scanner` divides the text into words, `syntax` builds a tree of them, `resolving` looks up each name in the
JSON Schema of the document (`shape`, `vocabulary`); then `selecting` finds what the path leads to, `measurable` says
what was not measured, `holding` compares, and `places` and `wording` tell it. Nothing is evaluated as Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from iobound.errors import UsageError
from iobound.verbs.gate.vocabulary import Vocabulary, of_comparison, of_run, of_scan, of_suite

if TYPE_CHECKING:
    from iobound.model.diagnosis import Check
    from iobound.model.gate import Gate

__all__ = ["Vocabulary", "hold", "of_comparison", "of_run", "of_scan", "of_suite", "parse", "printed"]

_FORM = "write NAME OP VALUE, such as 'bound=io', 'wait_sleep<5%' or 'count(findings[IOB201])==0'"


def parse(text: str, vocabulary: Vocabulary) -> Gate:
    """Read one check.

    Args:
        text: What was written, by whomever.
        vocabulary: What can be asked of the documents that it is for.

    Raises:
        UsageError: It has another shape, or asks about what such documents do not have. Its `excerpt` shows the
            character from which on it is wrong, its hint what could stand there.

    Example:
        >>> schema = {"type": "object", "properties": {"wall_s": {"type": "number"}}}
        >>> parse("wall_s < 200 ms", Vocabulary("a run", schema)).asked.value
        0.2
    """
    from iobound.verbs.gate import resolving, syntax
    from iobound.verbs.gate.scanner import Fault, Scanner

    try:
        return resolving.gate(syntax.check(Scanner(text)), text, vocabulary)
    except Fault as fault:
        from iobound.verbs.gate.pointing import excerpt

        where = excerpt(text, fault.at, fault.what)
        raise UsageError("cannot read the check", hint=fault.hint or _FORM, excerpt=where) from None


def hold(gate: Gate, document: Mapping[str, Any], *, forbidden: bool = False) -> Check:
    """Hold a gate against a document; see `holding.hold`."""
    from iobound.verbs.gate import holding

    return holding.hold(gate, document, forbidden=forbidden)


def printed(gate: Gate) -> str:
    """A gate as text that reads as the same gate; see `printing.printed`."""
    from iobound.verbs.gate import printing

    return printing.printed(gate)
