"""`iobound scan [options] PATH…`."""

from __future__ import annotations

from collections.abc import Sequence

from iobound.cli.options import Parser
from iobound.model.scan_options import ScanOptions
from iobound.pipeline import scanned


def main(arguments: Sequence[str]) -> int:
    """Scan; returns 0 when nothing was found, 1 when something was."""
    parser = Parser(prog="iobound scan", description="Read source, run nothing, list findings.", allow_abbrev=False)
    parser.add_argument("paths", nargs="*", default=["."])
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--no-cache", action="store_true")
    parser.add_argument("--cache-dir", default="")
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--exit-zero", action="store_true")
    parser.add_argument("--select")
    parser.add_argument("--report")
    given = parser.parse_args(arguments)
    options = ScanOptions(
        paths=tuple(given.paths), jobs=given.jobs, cache=not given.no_cache, cache_dir=given.cache_dir,
        tests=given.tests, select=tuple(given.select.split(",")) if given.select else None,
    )  # fmt: skip
    result = scanned.scan_paths(options)
    from iobound.report import TextStyle, findings

    text = findings.render_findings(result, given.report or "text", style=TextStyle())
    print(text, end="")
    return int(bool(result.findings) and not given.exit_zero)
