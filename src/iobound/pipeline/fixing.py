"""Safe fixes, written to the files that need them."""

from __future__ import annotations

import os
from collections.abc import Iterable

from iobound.model.finding import Finding
from iobound.verbs import scan, store


def fix_files(findings: Iterable[Finding]) -> int:
    """Apply safe fixes; returns how many.

    A file is written whole or not at all and keeps its permissions; lines that have changed meanwhile are left alone.

    Raises:
        UsageError: A file cannot be written.
    """
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fix is not None and finding.fix.safe and finding.cell is None and os.path.isfile(finding.file):
            by_file.setdefault(finding.file, []).append(finding)
    done = 0
    for file, found in by_file.items():
        with open(file, "rb") as source:
            data = source.read()
        content, count = scan.fixed(data, found)
        if count:
            store.rewrite(content, os.path.realpath(file))
            done += count
    return done
