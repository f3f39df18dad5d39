"""`iobound explain [WORD]`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from iobound.cli.options import Parser, positive_int
from iobound.pipeline import scanned, screen, telling

if TYPE_CHECKING:
    from iobound.model.finding import RuleNote

_WIDEST = 100  # columns of prose that can still be read


def main(arguments: Sequence[str], rules: Mapping[str, RuleNote] | None = None) -> int:
    """Say what a rule or a word of the reports means, or list them all; returns 0.

    Args:
        arguments: Words of the command line.
        rules: All rules of the scan, by id; those that there are when left out.
    """
    parser = Parser(
        prog="iobound explain",
        description="What a rule, a verdict, a state or another word of the reports means, with an example.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "word", metavar="WORD", nargs="*", help="such as IOB201, gil or wait_lock; without: list them all"
    )
    parser.add_argument("--width", metavar="COLUMNS", type=positive_int, help="columns of the text")
    given = parser.parse_args(list(arguments))
    rules = scanned.rule_notes() if rules is None else rules
    out = screen.stdout()
    style = screen.style_of(out, given.width)
    if not given.width:
        style = style._replace(width=min(style.width, _WIDEST))
    word = " ".join(given.word)
    screen.put(telling.explain(word, rules, style) if word else telling.overview(rules, style), out)
    return 0
