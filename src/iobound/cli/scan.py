"""`iobound scan [options] [PATH…]`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence

from iobound.cli.options import Parser, add_check_option, add_finding_options, require_apart
from iobound.cli.scan_options import add_scan_options, scan_options
from iobound.model.finding import ScanResult
from iobound.model.scan_options import ScanOptions
from iobound.pipeline import ci, gating, listed, scanned, screen, telling
from iobound.pipeline.wishes import joined_by_ci, summed_up_by_ci, wishes


def main(arguments: Sequence[str]) -> int:
    """Scan; returns 0 when nothing was found, 1 when something at or above `--fail-on` was or a check failed."""
    parser = Parser(
        prog="iobound scan",
        description="Read source, run nothing, and list what waits, what computes, and what could run at once.",
        epilog="Options may stand in [tool.iobound.scan] of pyproject.toml. `iobound explain IOB201` tells of a rule. "
        "Exit code: 0 nothing found, 1 something at or above --fail-on, or a --check that failed, 2 a mistake in what "
        "was asked for.",
        allow_abbrev=False,
    )
    add_scan_options(parser)
    add_finding_options(parser)
    add_check_option(parser, "'count(findings[IOB201])==0'")
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 whatever is found")
    given = parser.parse_args(list(arguments))
    options = scan_options(given, scanned.rule_ids())
    gates = gating.of_scan(given.check or ())
    wanted = wishes(given.report, telling.finding_formats())
    require_apart(wanted)
    with _progress() as progress:
        result = scanned.scan_paths(options, progress)
    roots = telling.roots(os.getcwd(), ci.repository(options.root))
    result = gating.scan_held(result, gates, roots)
    stream = screen.output(wanted)
    told = listed.ToldScan(result, roots)
    left_out = told.to_page() if summed_up_by_ci(wanted, unwanted=given.no_ci) else ""
    screen.show(told, wanted, stream, width=given.width, concise=given.concise)
    if joined_by_ci(wanted, unwanted=given.no_ci):
        screen.tell_ci(told, screen.stdout())
    failed = gating.failed(result.checks)
    screen.put(left_out + "".join(failed), screen.stderr())
    return 0 if given.exit_zero else int(bool(failed)) or _exit_code(result, options)


def _exit_code(result: ScanResult, options: ScanOptions) -> int:
    """1 when there is a finding that is bad enough; a file that cannot be read is a finding, too."""
    least = options.fail_on
    return int(least is not None and any(each.severity.rank >= least.rank for each in result.findings))


@contextlib.contextmanager
def _progress() -> Iterator[scanned.Progress | None]:
    """A bar on the terminal that errors go to, for those scans that take more than a second; nothing in a log."""
    stream = sys.stderr
    if stream is None or not stream.isatty() or ci.here() is not None or os.environ.get("TERM") == "dumb":
        yield None
        return
    with telling.progress_bar(stream) as progress:
        yield progress
