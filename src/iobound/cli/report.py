"""`iobound report [options] FILE.iob`."""

from __future__ import annotations

from collections.abc import Sequence

from iobound import pipeline
from iobound.cli.options import Parser, add_report_options, from_project, require_apart, tree_words
from iobound.pipeline import gating, listed, screen
from iobound.pipeline.wishes import joined_by_ci, summed_up_by_ci, wishes


def main(arguments: Sequence[str]) -> int:
    """Render a recording; returns 0, or 1 when a check failed."""
    parser = Parser(prog="iobound report", description="Render a recording again.", allow_abbrev=False)
    parser.add_argument("file", metavar="FILE.iob")
    add_report_options(parser)
    given = parser.parse_args([*from_project(parser, arguments), *_with_the_tree_apart(arguments)])
    wanted = wishes(given.report)
    require_apart(wanted, given.file)
    screen.states_of(given.tree)
    workers = tuple(sorted(set(given.workers or pipeline.WORKERS)))
    gates = gating.of_run(given.check or ())
    diagnosis = gating.held(pipeline.diagnose(pipeline.load(given.file), workers=workers), gates)
    told = listed.ToldRun(diagnosis)
    left_out = told.to_page() if summed_up_by_ci(wanted, unwanted=given.no_ci) else ""
    drawn = screen.tree_of(diagnosis, given.tree, wanted)
    screen.show(told, wanted, screen.output(wanted, given.tree), width=given.width, then=drawn)
    if joined_by_ci(wanted, unwanted=given.no_ci):
        screen.tell_ci(told, screen.stdout())
    failed = gating.failed(diagnosis.checks)
    screen.put(left_out + "".join(failed), screen.stderr())
    return int(bool(failed))


def _with_the_tree_apart(arguments: Sequence[str]) -> list[str]:
    """The arguments with a `--tree` that stands before the file's name told not to take it for a state.

    Example:
        >>> _with_the_tree_apart(["--tree", "run.iob"])
        ['--tree=all', 'run.iob']
    """
    return [
        "--tree=all" if word == "--tree" and tree_words(arguments, at) == 1 else word
        for at, word in enumerate(arguments)
    ]
