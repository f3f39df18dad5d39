"""IOB601 over several files: a module that, while it is imported, calls a function of another that starts processes."""

from __future__ import annotations

from iobound.model.finding import Step
from iobound.verbs.scan.catalogue.processes import STARTS
from iobound.verbs.scan.program.facts import CallSite
from iobound.verbs.scan.program.processes import is_guarded, processes
from iobound.verbs.scan.program.tree import Function
from iobound.verbs.scan.rules.process_start import UNGUARDED, is_imported_anew
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings

_MODULE = "<module>"


def in_program(program: Program) -> Findings:
    """Go from what starts processes to the modules that call it while they are imported."""
    for start, name, line in _starts(program):
        ways: dict[Function, Function | None] = {start: None}
        pending = [start]
        while pending:
            function = pending.pop()
            for caller in program.effects.callers(function):
                if caller in ways:
                    continue
                ways[caller] = function
                if program.tree.function(caller).name != _MODULE:
                    pending.append(caller)
                elif _leaves(ways, caller):
                    yield from _found(program, caller, function, ways, (name, line))


def _starts(program: Program) -> list[tuple[Function, str, int]]:
    """Functions that start processes, with what they call for it."""
    found = []
    for number, module in enumerate(program.tree.modules):
        symbols = {at: symbol for at, symbol in enumerate(module.facts.symbols) if symbol in STARTS}
        if not symbols:
            continue
        view = program.closeup.view(number)
        if view is None or processes(view).only_forks:
            continue
        for at, function in enumerate(module.facts.functions):
            site = next((each for each in function.calls if each.symbol in symbols), None)
            if site is not None and function.name != _MODULE:
                found.append((Function(number, at), symbols[site.symbol], site.span.line))
    return found


def _leaves(ways: dict[Function, Function | None], caller: Function) -> bool:
    """Whether the way from a module to the start goes through another module."""
    at: Function | None = caller
    while at is not None:
        if at.module != caller.module:
            return True
        at = ways[at]
    return False


def _found(
    program: Program, caller: Function, callee: Function, ways: dict[Function, Function | None], end: tuple[str, int]
) -> Findings:
    module, view = program.tree.modules[caller.module], program.closeup.view(caller.module)
    if view is None or not is_imported_anew(module.file):
        return
    for site in program.tree.function(caller).calls:
        if callee not in [*program.tree.runs(program.tree.target(caller.module, site.symbol))]:
            continue
        here = next((each for each in view.resolved if view.span(each.node) == site.span), None)
        if here is not None and not is_guarded(here.context):
            name = end[0].replace("multiprocessing.pool.", "multiprocessing.")
            called = program.tree.named(callee)
            yield UNGUARDED.at(
                module.file,
                site.span,
                f"`{called}` starts processes (`{name}`) while the module is imported, and they import it again: they "
                "fail to start, unless they are forked",
                hint=f'call `{called}` under `if __name__ == "__main__":`',
                chain=(*_steps(program, module.file, site, callee, ways), _last(program, ways, callee, end)),
            )


def _steps(
    program: Program, file: str, site: CallSite, callee: Function, ways: dict[Function, Function | None]
) -> list[Step]:
    steps = [Step(program.tree.named(callee), file, site.span.line)]
    at, after = callee, ways[callee]
    while after is not None:
        steps.append(Step(program.tree.named(after), program.file(at.module), _line(program, at, after)))
        at, after = after, ways[after]
    return steps


def _line(program: Program, caller: Function, callee: Function) -> int:
    """Where a function calls another."""
    facts = program.tree.function(caller)
    for site in facts.calls:
        if callee in program.tree.runs(program.tree.target(caller.module, site.symbol)):
            return site.span.line
    return facts.line


def _last(program: Program, ways: dict[Function, Function | None], callee: Function, end: tuple[str, int]) -> Step:
    at = callee
    while (after := ways[at]) is not None:
        at = after
    return Step(end[0].replace("multiprocessing.pool.", "multiprocessing."), program.file(at.module), end[1])
