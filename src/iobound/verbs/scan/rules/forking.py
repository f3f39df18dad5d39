"""IOB602, IOB603, IOB605, IOB606 and IOB610: what a new process has of its parent, and what it must not use of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.model.finding import Confidence, Finding, Severity
from iobound.verbs.scan.catalogue.processes import SEEDING, SEEDLESS, STARTS, UNSHARED
from iobound.verbs.scan.program.processes import Crossing, Processes, is_guarded
from iobound.verbs.scan.program.view import Resolved
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.syntax.scopes import function_of
from iobound.verbs.scan.syntax.survey import Binding, Bound, Scope, is_main_guard

_E, _W, _H, _M = Severity.ERROR, Severity.WARNING, Confidence.HIGH, Confidence.MEDIUM

THREADS = Rule("IOB602", "fork-with-threads", _E, _M, "Processes are forked while threads run: locks may stay locked.")
GLOBALS = Rule("IOB603", "global-missing-in-worker", _E, _M, "A worker reads a global that only the parent sets.")
SHARED = Rule("IOB605", "connection-across-fork", _E, _M, "A worker uses a connection that was made before the fork.")
IMPORTING = Rule("IOB606", "waiting-while-imported", _W, _M, "Each worker repeats what its module does when imported.")
SEEDS = Rule("IOB610", "same-random-numbers", _W, _M, "Forked workers draw the same numbers from numpy's generator.")
RULES = (THREADS, GLOBALS, SHARED, IMPORTING, SEEDS)


def findings(found: Processes) -> Findings:
    """Look at the functions of a file that start processes or run in one."""
    if not found.never_forks:
        yield from _after_threads(found)
        yield from _seeds(found)
    if found.workers:
        yield from _globals(found)
        if not found.only_forks:
            yield from _importing(found)


# Forking after something was started

_THREADS = frozenset(
    {
        "threading.Thread.start",
        "threading.Timer.start",
        "_thread.start_new_thread",
        "concurrent.futures.ThreadPoolExecutor.submit",
        "concurrent.futures.ThreadPoolExecutor.map",
    }
)
_ENDS = frozenset(
    {
        "threading.Thread.join",
        "threading.Timer.join",
        "threading.Timer.cancel",
        "concurrent.futures.ThreadPoolExecutor.shutdown",
    }
)
_FORKS = STARTS | {"os.fork", "os.forkpty"}


def _after_threads(found: Processes) -> Findings:
    forks = {function_of(each.context.scope) for each in found.calls(*_FORKS)}
    for function in forks:
        before: Resolved | None = None
        why = ""
        for each in _in_order(found, function):
            name = each.name
            if name in _FORKS and before is not None and _follows(function, before, each):
                yield _forked(found, function, before, each, why)
                break
            if name in _ENDS:
                before = None
            elif started := _starts(found, each):
                before, why = each, started


def _in_order(found: Processes, function: Scope) -> list[Resolved]:
    calls = found.calls_by_function.get(function, ())
    return sorted(calls, key=lambda each: (each.node.lineno, each.node.col_offset))


def _starts(found: Processes, each: Resolved) -> str:
    """What a call leaves running that a fork does not take along, empty for nothing."""
    name = each.name
    if name in _THREADS:
        return "a thread is running"
    if name.startswith("torch.cuda.") and name.rpartition(".")[2] not in ("is_available", "device_count"):
        return "CUDA is in use"
    if name.startswith("polars.") and name.count(".") == 1 and name[7:8].islower():
        return "the threads of polars are running"
    callee = each.meaning.scope
    if callee is None or callee.kind != "function":
        return ""
    for scope in found.reached(callee):
        calls = found.calls_by_function.get(scope, ())
        names = {call.name for call in calls}
        if names & _THREADS and not names & _ENDS and not any(_is_entered(call) for call in calls):
            return "a thread is running"
    return ""


def _is_entered(each: Resolved) -> bool:
    return each.name in _THREADS and any(isinstance(node, ast.With) for node in _around(each))


def _around(each: Resolved) -> Iterator[ast.AST]:
    context = each.context
    while context.outer is not None and context.scope.function is each.context.scope.function:
        yield context.node
        context = context.outer


def _follows(function: Scope, before: Resolved, fork: Resolved) -> bool:
    """Whether a fork may happen while what was started before still runs."""
    if fork.meaning.local or _is_over(before, fork):
        return False
    return not any(
        isinstance(node, ast.If) and _is_elsewhere(node, before.node.lineno, fork.node.lineno)
        for node in ast.walk(function.node)
    )


def _is_elsewhere(choice: ast.If, before: int, fork: int) -> bool:
    """Whether a branch holds one line, and the other line is in the other branch or behind a branch that leaves."""
    for branch, other in ((choice.body, choice.orelse), (choice.orelse, choice.body)):
        if _holds(branch, before) and not _holds(branch, fork):
            return _holds(other, fork) or isinstance(branch[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)
    return False


def _holds(branch: list[ast.stmt], line: int) -> bool:
    return bool(branch) and branch[0].lineno <= line <= (branch[-1].end_lineno or 0)


def _is_over(before: Resolved, fork: Resolved) -> bool:
    """Whether the `with` around a start of threads has ended, and with it a pool of threads."""
    if "ThreadPoolExecutor" not in before.name:
        return False
    return any(isinstance(node, ast.With) and (node.end_lineno or 0) < fork.node.lineno for node in _around(before))


def _forked(found: Processes, function: Scope, before: Resolved, fork: Resolved, why: str) -> Finding:
    rule = THREADS if "thread" in why and "polars" not in why else SHARED
    return rule.at(
        found.view.file,
        found.view.span(fork.node),
        f"`{fork.name.replace('multiprocessing.pool.', 'multiprocessing.')}` forks while {why} (line "
        f"{before.node.lineno}): what that holds locked stays locked in the new process",
        hint="start the processes first, or use `multiprocessing.get_context('spawn')`; fork is the default on Linux "
        "up to Python 3.13",
        function=function.name,
    )


# Globals


def _globals(found: Processes) -> Findings:
    guards = _guards(found)
    done: set[str] = set()
    writers = _writers(found)
    for worker, crossing in found.workers:
        reached = found.reached(worker)
        for name, node, function in _read(found, reached):
            if name in done:
                continue
            bindings = found.view.found.module.bindings.get(name, [])
            if not found.never_forks and _is_unshared(found, name, node, function, bindings):
                if not _is_made_anew(found, name, reached):
                    done.add(name)
                    yield from _shared(found, name, node, function)
            elif not found.only_forks and not _is_made_anew(found, name, reached):
                by = _only_in_parent(found, name, bindings, guards, writers, crossing)
                if by:
                    done.add(name)
                    yield _missing(found, name, node, function, by)


def _guards(found: Processes) -> list[tuple[int, int]]:
    """First and last lines of main guards."""
    return [
        (each.lineno, each.body[-1].end_lineno or each.lineno)
        for each in getattr(found.view.found.module.node, "body", ())
        if isinstance(each, ast.If) and is_main_guard(each.test)
    ]


def _writers(found: Processes) -> dict[str, list[Scope]]:
    """Functions that assign to globals, by name."""
    writers: dict[str, list[Scope]] = {}
    for scope in found.view.found.scopes:
        for name, way in scope.redirected.items():
            if way == "global" and name in scope.bindings:
                writers.setdefault(name, []).append(scope)
    return writers


def _read(found: Processes, reached: list[Scope]) -> Iterator[tuple[str, ast.Name, Scope]]:
    module = found.view.found.module
    for function in reached:
        inner = {each.arg for each in ast.walk(function.node) if isinstance(each, ast.arg)}
        for node in ast.walk(function.node):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in inner:
                name = node.id
                is_own = name in function.bindings and function.redirected.get(name) != "global"
                if not is_own and (name in module.bindings or "global" in _ways(found, name)):
                    if found.view.names.holder(name, function) in (module, None):
                        yield name, node, function


def _ways(found: Processes, name: str) -> set[str]:
    return {scope.redirected[name] for scope in found.view.found.scopes if name in scope.redirected}


def _is_made_anew(found: Processes, name: str, reached: list[Scope]) -> bool:
    """Whether a worker, or what initialises it, sets the global itself."""
    initializers = [
        scope for worker, crossing in found.workers if _initialises(crossing) for scope in found.reached(worker)
    ]
    return any(scope.redirected.get(name) == "global" for scope in (*reached, *initializers)) or (
        any(f"{name}.dispose" in line for line in found.view.source.lines)
    )


def _initialises(crossing: Crossing) -> bool:
    return crossing.passage.keyword == "initializer"


def _only_in_parent(
    found: Processes,
    name: str,
    bindings: list[Binding],
    guards: list[tuple[int, int]],
    writers: dict[str, list[Scope]],
    crossing: Crossing,
) -> str:
    """Where the parent alone sets a global; empty when the worker has it, too."""
    if any(each.how is Bound.DEFINITION for each in bindings):
        return ""
    guarded = [any(first <= each.line <= last for first, last in guards) for each in bindings]
    if bindings and all(guarded):
        return "under the main guard"
    if not all(_is_empty(each) for each, inside in zip(bindings, guarded, strict=True) if not inside):
        return ""
    if any(guarded):
        return "under the main guard"
    starter = function_of(crossing.scope)
    for writer in writers.get(name, ()):
        if writer is starter or writer in found.reached(starter) or _is_run_guarded(found, writer):
            return f"in `{writer.name}`"
    return ""


def _is_empty(binding: Binding) -> bool:
    """Whether a global is only announced."""
    value = binding.payload
    if binding.how is Bound.ANNOTATION:
        return True
    if isinstance(value, ast.Constant):
        return value.value in (None, "", 0)
    return (isinstance(value, ast.Dict) and not value.keys) or (isinstance(value, ast.List) and not value.elts)


def _is_run_guarded(found: Processes, writer: Scope) -> bool:
    """Whether the main guard runs a function, and nothing else at the top of the module does."""
    calls = [
        each
        for each in found.calls_by_function.get(found.view.found.module, ())
        if each.meaning.scope is not None and writer in found.reached(each.meaning.scope)
    ]
    return bool(calls) and all(is_guarded(each.context) for each in calls)


def _missing(found: Processes, name: str, node: ast.Name, function: Scope, by: str) -> Finding:
    return GLOBALS.at(
        found.view.file,
        found.view.span(node),
        f"`{function.name}` runs in another process and reads `{name}`, which is only set {by}: a process that is not "
        "forked does not have it",
        hint="set it in each worker by `initializer=`, or pass it as an argument; fork is the default on Linux up to "
        "Python 3.13 only",
        function=function.name,
        confidence=Confidence.HIGH if found.never_forks else None,
    )


def _is_unshared(found: Processes, name: str, node: ast.Name, function: Scope, bindings: list[Binding]) -> bool:
    if not any(isinstance(each.payload, ast.Call) for each in bindings):
        return False
    meaning = found.view.names.meaning(node, function)
    return meaning is not None and meaning.instance and not meaning.local and meaning.name in UNSHARED


def _shared(found: Processes, name: str, node: ast.Name, function: Scope) -> Findings:
    meaning = found.view.names.meaning(node, function)
    yield SHARED.at(
        found.view.file,
        found.view.span(node),
        f"`{function.name}` runs in another process and uses `{name}` (`{meaning.name if meaning else ''}`), which was "
        "made before the fork: both processes speak on the same connection",
        hint=f"make `{name}` in each worker, by `initializer=`",
        function=function.name,
    )


# While imported

_COSTLY = frozenset({"network", "dns", "database", "subprocess", "sleep"})


def _importing(found: Processes) -> Findings:
    for each in found.calls_by_function.get(found.view.found.module, ()):
        if is_guarded(each.context) or not isinstance(each.node, ast.Call) or each.name in STARTS:
            continue
        name = _costly(found, each)
        if name:
            yield IMPORTING.at(
                found.view.file,
                found.view.span(each.node),
                f"`{name}` runs when the module is imported: every worker that is not forked does it again",
                hint='move it under `if __name__ == "__main__":` or into a function, and pass on what it gives',
            )


def _costly(found: Processes, each: Resolved) -> str:
    if each.meaning.scope is None:
        return each.name if _is_costly(found, each) else ""
    callee = each.meaning.scope
    if callee is None or callee.kind != "function" or callee.yields:
        return ""
    if isinstance(callee.node, ast.AsyncFunctionDef):
        return ""
    for scope in found.reached(callee):
        for call in found.calls_by_function.get(scope, ()):
            if _is_costly(found, call):
                return f"{callee.name}` → `{call.name}"
    return ""


def _is_costly(found: Processes, each: Resolved) -> bool:
    entry = found.view.entry(each.meaning)
    return entry is not None and entry.category in _COSTLY and entry.blocking == "yes" and each.name not in STARTS


# Random numbers


def _is_many(crossing: Crossing) -> bool:
    """Whether more than one process may run it: a single one has nobody to repeat."""
    return crossing.resolved.name != "multiprocessing.Process" or crossing.resolved.context.loop is not None


def _seeds(found: Processes) -> Findings:
    initialised = {
        scope for worker, crossing in found.workers if _initialises(crossing) for scope in found.reached(worker)
    }
    done: set[Scope] = set()
    for worker, crossing in found.workers:
        if worker in done or _initialises(crossing) or not _is_many(crossing):
            continue
        done.add(worker)
        reached = [*found.reached(worker), *initialised]
        calls = [each for scope in reached for each in found.calls_by_function.get(scope, ())]
        if any(each.name in SEEDING for each in calls):
            continue
        draw = next((each for each in calls if each.name in SEEDLESS), None)
        if draw is not None:
            yield SEEDS.at(
                found.view.file,
                found.view.span(draw.node),
                f"`{draw.name}` in `{worker.name.replace('.<locals>', '')}`: forked workers have copies of one "
                "generator and draw the same numbers",
                hint="make a generator per task: `numpy.random.default_rng(seed)` with seeds of "
                "`numpy.random.SeedSequence(…).spawn(n)`",
                function=function_of(draw.context.scope).name,
            )
