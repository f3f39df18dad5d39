"""`iobound compare [options] BASE HEAD`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from iobound import pipeline
from iobound.cli.messages import one_line
from iobound.cli.options import Parser, positive_int, require_apart
from iobound.errors import UsageError
from iobound.pipeline import comparing, screen
from iobound.pipeline.wishes import wishes

if TYPE_CHECKING:
    from iobound.model.comparison import Comparison
    from iobound.model.diagnosis import Check
    from iobound.pipeline import ReportWish

_DESCRIPTION = """\
What changed between two sides, beyond noise. Each side is one or more JSON reports or recordings of the same program:
a file, a directory, or a quoted pattern such as 'base-*.iob'. Several runs a side see smaller changes.
"""


def main(arguments: Sequence[str]) -> int:
    """Compare two sides; returns 1 when something is so that --fail-on says must not be, or is not known, else 0."""
    parser = _parser()
    given = parser.parse_args(list(arguments))
    sides = _sides(given)
    wanted = wishes(given.report, comparing.comparison_formats())
    asked = comparing.gates(given.fail_on or ())
    base, head = (comparing.files_of(name, side) for name, side in zip(("base", "head"), sides, strict=True))
    for side in (base, head):
        require_apart(wanted, *side)
    comparison = comparing.compared(base, head, pipeline.WORKERS)
    checks = comparing.held(comparison, asked)
    _show(comparison, wanted, given.width)
    return _told(checks)


def _parser() -> Parser:
    parser = Parser(
        prog="iobound compare",
        usage="iobound compare [options] BASE HEAD\n       iobound compare [options] --base FILE… --head FILE…",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("sides", metavar="BASE HEAD", nargs="*", help="a file, a directory or a quoted pattern each")
    group = parser.add_argument_group("sides, for shells that expand patterns")
    group.add_argument("--base", metavar="FILE", nargs="+", action="extend", help="reports or recordings before")
    group.add_argument("--head", metavar="FILE", nargs="+", action="extend", help="reports or recordings after")
    group = parser.add_argument_group("report")
    group.add_argument(
        "--report",
        metavar="FORMAT[:PATH]",
        action="append",
        help="what to write, and where to; repeatable; text (default), json, markdown",
    )
    group.add_argument("--width", metavar="COLUMNS", type=positive_int, help="columns of the text report")
    parser.add_argument(
        "--fail-on",
        metavar="EXPR",
        action="append",
        help="what must not be, such as 'wall_s.change > 10%%', or regression for any; repeatable",
    )
    return parser


def _sides(given: argparse.Namespace) -> tuple[list[str], list[str]]:
    """What was given for base, and for head; raises `UsageError` where one is missing or given twice."""
    named, words = (given.base, given.head), list(given.sides)
    wanted = sum(side is None for side in named)
    if len(words) != wanted:
        raise UsageError(
            f"{len(words)} sides are given, and {wanted} are wanted"
            if wanted
            else f"unexpected argument {words[0]!r}: --base and --head name both sides",
            hint="iobound compare BASE HEAD; quote patterns, or write --base FILE… --head FILE…",
        )
    base, head = (side if side is not None else [words.pop(0)] for side in named)
    return base, head


def _show(comparison: Comparison, wanted: Sequence[ReportWish], width: int | None) -> None:
    """Write every report that was asked for; raises `UsageError` when a file cannot be written, after the others."""
    stream = screen.output(wanted)
    style = screen.style_of(stream, width)
    failed: UsageError | None = None
    for wish in wanted:
        if wish.path is None:
            screen.put(comparing.render_comparison(comparison, wish.format, style), stream)
            continue
        in_file = pipeline.style(width=width or 100, unicode=True)
        try:
            pipeline.write(comparing.render_comparison(comparison, wish.format, in_file), wish.path)
        except UsageError as error:
            failed = failed or error
    if failed is not None:
        raise failed


def _told(checks: Sequence[Check]) -> int:
    """Tell of what must not be and is; the exit code."""
    failed = [check for check in checks if not check.passed]
    for check in failed:
        screen.put(f"iobound: must not be: {one_line(check.text)}\n", screen.stderr())
    return 1 if failed else 0
