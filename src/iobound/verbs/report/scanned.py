"""The section on what the scanner found where time was measured; what never ran is counted only."""

from __future__ import annotations

from collections.abc import Sequence

from iobound.model.breakdown import Placed
from iobound.model.diagnosis import Diagnosis
from iobound.model.origin import is_cell
from iobound.verbs.report import figures, harmless, paths, words
from iobound.verbs.report.blocks import Block, Prose, Role, Section

MOST_ROWS = 5

_LEAST_SHARE = 0.001  # less is shown as <0.1 %, which helps nobody
_SHARE_WIDTH = 6
_MOST_FILES = 3  # in a command
_ROLES = {"error": Role.BAD, "warning": Role.DOUBTFUL}


def section(diagnosis: Diagnosis) -> Section | None:
    """Findings by their share of wall time, then how many stand where no time was seen."""
    cwd = diagnosis.recording.cwd
    found = diagnosis.breakdown.placed(diagnosis.recording.facts.findings)
    large = [each for each in found if each.share is not None and each.share >= _LEAST_SHARE]
    unseen = [each for each in found if each.share is None]
    blocks: list[Block] = [_row(each, cwd) for each in large[:MOST_ROWS]]
    small = len(found) - len(unseen) - len(blocks)
    if small:
        blocks.append(Prose(f"and {small:,} more with less of the time", role=Role.FAINT))
    if unseen:
        more = " more" if blocks else ""
        awaited = ", or only awaited" if diagnosis.breakdown.event_loops else ""  # which no stack shows
        command = _command(unseen, cwd)
        told = f"{unseen_count(len(unseen), more)} not seen running{awaited}{command and f': {command}'}"
        blocks.append(Prose(told, role=Role.FAINT))
    if not blocks:
        return None
    return Section("What the source says there", tuple(blocks), _remark(large, diagnosis))


def unseen_count(count: int, more: str) -> str:
    """How many findings, and on how many lines at least.

    Example:
        >>> unseen_count(1, " more"), unseen_count(2, "")
        ('1 more finding on a line that was', '2 findings on lines that were')
    """
    if count == 1:
        return f"1{more} finding on a line that was"
    return f"{count:,}{more} findings on lines that were"


def _remark(large: Sequence[Placed], diagnosis: Diagnosis) -> str:
    if not large:
        return ""
    besides = ", awaiting left out" if diagnosis.breakdown.event_loops else ""
    return f"wall time{besides}; more by `iobound explain {large[0].finding.rule}`"


def _row(placed: Placed, cwd: str) -> Prose:
    finding, share = placed
    where = words.place(finding.file, finding.line, cwd)
    hint = f"; {finding.hint}" if finding.hint else ""
    return Prose(
        f"{where} {finding.rule} {finding.message}{hint}",
        figures.share(share).rjust(_SHARE_WIDTH),
        label_role=_ROLES.get(finding.severity, Role.STRONG),
    )


def _command(unseen: Sequence[Placed], cwd: str) -> str:
    """What lists them: a scan of their files, of the working directory where they are many; none lists cells."""
    import shlex  # only for those who have such findings

    found = dict.fromkeys(placed.finding.file for placed in unseen)
    files = [paths.relative(file, cwd) for file in found if not is_cell(file)]
    if not files:
        return ""
    named = [shlex.quote(harmless.shortened(file, 200)) for file in files]
    return f"iobound scan {' '.join(named) if len(named) <= _MOST_FILES else '.'}"
