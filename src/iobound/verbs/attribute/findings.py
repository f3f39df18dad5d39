"""Wall time at what the scanner found: its place may be far out in a stack."""

from __future__ import annotations

from iobound.model.recording import Place
from iobound.model.source_facts import FindingFact
from iobound.verbs.attribute.frames import StackTable
from iobound.verbs.attribute.tally import Sums


def finding_times(sums: Sums, table: StackTable, cwd: str) -> tuple[int | None, ...]:
    """Wall time of the run with each finding's place on the stack that it belongs to, in nanoseconds.

    Args:
        cwd: That of the run: a worker may name by its whole path what the main process names as it was given.

    Returns:
        In the order of the findings: 0 for a place that was seen, but never when the run's time was its own, None for
        one that no look found running.
    """
    findings = table.facts.findings
    if not findings:
        return ()
    by_stack = _by_stack(_by_place(table, cwd), table)
    times: dict[int, int] = {number: 0 for numbers in by_stack for number in numbers}
    for (stack, _, _), time in sums.wall.items():
        for number in by_stack[stack]:
            times[number] += time
    for ((own, _, _), stack), time in sums.waited.items():  # what others did, at the call that waited for them
        if own != stack:
            for number in by_stack[stack] - by_stack[own]:
                times[number] += time
    return tuple(times.get(number) for number in range(len(findings)))


def _by_place(table: StackTable, cwd: str) -> dict[int, frozenset[int]]:
    in_file: dict[str, list[int]] = {}
    for number, finding in enumerate(table.facts.findings):
        in_file.setdefault(_below(finding.file, cwd), []).append(number)
    found: dict[int, frozenset[int]] = {}
    for index, place in enumerate(table.places):
        numbers = in_file.get(_below(place.file, cwd), ())
        at = frozenset(number for number in numbers if _is_at(place, table.facts.findings[number]))
        if at:
            found[index] = at
    return found


def _by_stack(by_place: dict[int, frozenset[int]], table: StackTable) -> list[frozenset[int]]:
    """By stack: the findings that any of its frames is at."""
    known: list[frozenset[int]] = [frozenset()] * len(table.place)
    for stack in range(1, len(known)):
        outer, own = known[table.caller[stack]], by_place.get(table.place[stack], frozenset())
        known[stack] = outer if own <= outer else outer | own
    return known


def _is_at(place: Place, finding: FindingFact) -> bool:
    """Whether a place lies within a finding: a call around it is elsewhere until it is made."""
    if place.line <= 0:
        return False
    if place.column < 0 or place.end_column < 0 or place.end_line <= 0:
        return finding.line <= place.line <= finding.end_line
    begin, end = (place.line, place.column), (place.end_line, place.end_column)
    return (finding.line, finding.column) <= begin and end <= (finding.end_line, finding.end_column)


def _below(file: str, cwd: str) -> str:
    """A file as it is named from the working directory of the run."""
    root = cwd.rstrip("/\\")
    if root and file.startswith(root) and file[len(root) : len(root) + 1] in ("/", "\\"):
        file = file[len(root) + 1 :]
    return file.replace("\\", "/").removeprefix("./")
