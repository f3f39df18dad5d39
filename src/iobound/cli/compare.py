"""`iobound compare [options] BASE HEAD`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from iobound import pipeline
from iobound.cli.options import Parser, add_ci_option, positive_int, require_apart
from iobound.errors import UsageError
from iobound.pipeline import comparing, gating, listed, screen
from iobound.pipeline.wishes import joined_by_ci, summed_up_by_ci, wishes

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
    comparison = comparing.held(comparing.compared(base, head, pipeline.WORKERS), asked)
    told = listed.ToldComparison(comparison)
    left_out = told.to_page() if summed_up_by_ci(wanted, unwanted=given.no_ci) else ""
    screen.show(told, wanted, screen.output(wanted), width=given.width)
    if joined_by_ci(wanted, unwanted=given.no_ci):
        screen.tell_ci(told, screen.stdout())
    failed = gating.failed(comparison.checks)
    screen.put(left_out + "".join(failed), screen.stderr())
    return int(bool(failed))


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
        help="what to write, and where to; repeatable; text (default), log (default in a CI system), json, github, "
        "gitlab, sarif, junit, markdown",
    )
    add_ci_option(group)
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
            f"{len(words)} {'side is' if len(words) == 1 else 'sides are'} given, and {wanted} "
            f"{'is' if wanted == 1 else 'are'} wanted"
            if wanted
            else f"unexpected argument {words[0]!r}: --base and --head name both sides",
            hint="iobound compare BASE HEAD; quote patterns, or write --base FILE… --head FILE…",
        )
    base, head = (side if side is not None else [words.pop(0)] for side in named)
    return base, head
