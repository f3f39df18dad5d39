"""IOB501 to IOB513 and IOB601 to IOB610: other processes, what goes to them and how they start."""

from __future__ import annotations

from iobound.verbs.scan.catalogue.processes import IN_EXECUTOR, STARTS, passage
from iobound.verbs.scan.program.pickling import Flaws
from iobound.verbs.scan.program.processes import processes
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.rules import answers, crossing, forking, process_import, process_start
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings

RULES = (*crossing.RULES, *answers.RULES, *process_start.RULES, *forking.RULES)

_NAMES = STARTS | {IN_EXECUTOR, "multiprocessing.set_start_method", "os.fork", "os.forkpty"}


def in_file(view: FileView) -> Findings:
    """Look at a file, if it has anything to do with other processes."""
    yield from process_start.in_view(view)
    if any(name in _NAMES or passage(view.catalogue, name) is not None for name in view.by_name):
        found, flaws = processes(view), Flaws(view)
        yield from crossing.findings(found, flaws)
        yield from answers.findings(found, flaws)
        yield from process_start.findings(found)
        yield from forking.findings(found)


def in_program(program: Program) -> Findings:
    """Look at what leads from one file to another."""
    yield from answers.in_program(program)
    yield from process_import.in_program(program)
