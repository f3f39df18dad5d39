"""IOB601, IOB604 and IOB607 to IOB609: how processes are started, and what is left of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from iobound.model.finding import Confidence, Edit, Fix, Severity, Step
from iobound.model.origin import is_cell
from iobound.verbs.scan.catalogue.processes import PRIMITIVES, STARTS
from iobound.verbs.scan.program.branches import following
from iobound.verbs.scan.program.processes import Processes, is_guarded
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.scopes import function_of
from iobound.verbs.scan.syntax.survey import Bound, Scope

_E, _W, _H, _M = Severity.ERROR, Severity.WARNING, Confidence.HIGH, Confidence.MEDIUM

UNGUARDED = Rule("IOB601", "process-start-at-import", _E, _H, "A module starts processes while it is imported.")
LATE = Rule(
    "IOB604", "start-method-set-late", _E, _H, "The start method can be set once, and only by the main program."
)
NESTED = Rule("IOB607", "pool-in-pool-worker", _E, _M, "A worker of a pool is daemonic: it may not start processes.")
PREEXEC = Rule("IOB608", "preexec-fn", _W, _H, "`preexec_fn` runs Python between fork and exec, and forces the fork.")
LEAKED = Rule("IOB609", "pool-never-closed", _W, _M, "A pool that nobody closes keeps its processes.")
RULES = (UNGUARDED, LATE, NESTED, PREEXEC, LEAKED)

_POOL = "multiprocessing.pool.Pool"
_EXECUTOR = "concurrent.futures.ProcessPoolExecutor"


def in_view(view: FileView) -> Findings:
    """What needs no process of Python's own: child processes of `subprocess`."""
    for name in _WITH_PREEXEC:
        for each in view.by_name.get(name, ()):
            for word in each.call.keywords if isinstance(each.node, ast.Call) else ():
                is_none = isinstance(word.value, ast.Constant) and word.value.value is None
                if word.arg == "preexec_fn" and not is_none:
                    yield from _preexec(view, each, word)


def findings(found: Processes) -> Findings:
    """Look at everything in a file that starts processes."""
    yield from _at_import(found)
    yield from _set_late(found)
    yield from _nested(found)
    for each in found.calls(_POOL):
        yield from _leaked(found, each)


# At import


def _at_import(found: Processes) -> Findings:
    if found.only_forks or not is_imported_anew(found.view.file):
        return
    starts = [*found.calls(*STARTS)]
    direct = [each for each in starts if _is_imported(each)]
    lazy = [each for each in direct if each.name.startswith(f"{_EXECUTOR}.")]
    executors = [each for each in found.calls(_EXECUTOR) if _is_imported(each)] if lazy else []
    for each in [*executors, *(each for each in direct if each not in lazy or not executors)]:
        yield UNGUARDED.at(
            found.view.file,
            found.view.span(each.node),
            f"`{_told(each)}` starts processes while the module is imported, and they import it again: they fail to "
            "start, unless they are forked",
            hint='start them under `if __name__ == "__main__":`',
        )
    if starts:
        yield from _through_calls(found, starts)


def is_imported_anew(file: str) -> bool:
    """Whether a new process may import a file: not a notebook or a cell of one, nor what `python -m package` runs.

    Source:
        `multiprocessing.spawn._fixup_main_from_name` leaves `__main__.py` of packages and folders alone.
    """
    return not (file.endswith(".ipynb") or is_cell(file)) and file.rpartition("/")[2] != "__main__.py"


def _is_imported(resolved: Resolved) -> bool:
    return function_of(resolved.context.scope).kind == "module" and not is_guarded(resolved.context)


def _through_calls(found: Processes, starts: list[Resolved]) -> Findings:
    inside = {function_of(each.context.scope): each for each in starts if not is_guarded(each.context)}
    for each in found.calls_by_function.get(found.view.found.module, ()):
        callee = each.meaning.scope
        if callee is None or callee.kind != "function" or is_guarded(each.context):
            continue
        reached = [scope for scope in found.reached(callee) if scope in inside]
        if reached:
            start = inside[reached[0]]
            called = callee.name
            yield UNGUARDED.at(
                found.view.file,
                found.view.span(each.node),
                f"`{called}` starts processes (`{_told(start)}`) while the module is imported, and they import it "
                "again: they fail to start, unless they are forked",
                hint=f'call `{called}` under `if __name__ == "__main__":`',
                chain=(
                    Step(called, found.view.file, each.node.lineno),
                    Step(_told(start), found.view.file, start.call.lineno),
                ),
            )


def _told(resolved: Resolved) -> str:
    return resolved.name.replace("multiprocessing.pool.", "multiprocessing.")


# The start method


def _set_late(found: Processes) -> Findings:
    for each in found.calls("multiprocessing.set_start_method"):
        if any(word.arg == "force" for word in each.call.keywords) or len(each.call.args) > 1:
            continue
        if _is_imported(each):
            if is_imported_anew(found.view.file) and not _is_tried(found, each.call):
                yield LATE.at(
                    found.view.file,
                    found.view.span(each.call),
                    "the start method is set while the module is imported: a process that imports it again raises "
                    "RuntimeError, because the context is set already",
                    hint='set it under `if __name__ == "__main__":`, or use `multiprocessing.get_context(…)`',
                )
            continue
        before = next(_used_before(found, each), None)
        if before is not None:
            yield LATE.at(
                found.view.file,
                found.view.span(each.call),
                f"`{_told(before)}` in line {before.call.lineno} has set the context already: RuntimeError",
                hint="set the start method before anything else of multiprocessing is used",
                function=function_of(each.context.scope).name,
            )


def _used_before(found: Processes, late: Resolved) -> Iterator[Resolved]:
    scope = function_of(late.context.scope)
    for each in found.calls(_POOL, *PRIMITIVES, "multiprocessing.Manager", "multiprocessing.Process.start"):
        if (
            not _has_own_context(found, each)
            and function_of(each.context.scope) is scope
            and each.call.lineno < late.call.lineno
        ):
            yield each


def _has_own_context(found: Processes, each: Resolved) -> bool:
    """Whether it is made by what `get_context` gave, so that the default stays open."""
    func = each.call.func
    if not isinstance(func, ast.Attribute):
        return False
    owner = found.view.names.meaning(func.value, each.context.scope)
    return owner is not None and owner.instance and owner.name == "multiprocessing"


def _is_tried(found: Processes, call: ast.Call) -> bool:
    """Whether a `try` expects the call to fail."""
    return any(
        call in ast.walk(ast.Module(node.body, []))
        for node in ast.walk(found.view.found.module.node)
        if isinstance(node, ast.Try) and node.handlers
    )


# Pools in pools


def _nested(found: Processes) -> Findings:
    done: set[ast.AST] = set()
    for worker, crossing in found.workers:
        if not crossing.passage.daemonic:
            continue
        for function in found.reached(worker):
            for each in found.calls_by_function.get(function, ()):
                if each.name in STARTS and not each.meaning.local and each.node not in done:
                    done.add(each.node)
                    yield NESTED.at(
                        found.view.file,
                        found.view.span(each.node),
                        f"`{_told(each)}` in `{worker.name.replace('.<locals>', '')}`, which runs in a worker of a "
                        "pool: daemonic processes are not allowed to have children (AssertionError)",
                        hint="hand all work to one pool; the workers of `concurrent.futures.ProcessPoolExecutor` may "
                        "start processes",
                        function=function.name,
                    )


# preexec_fn

_WITH_PREEXEC = (
    "subprocess.Popen",
    "subprocess.run",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell",
)
_INSTEAD = {
    "os.setsid": ("start_new_session=True", True),
    "os.setpgrp": ("process_group=0", False),
}
"""Arguments that do the same; the second is new in Python 3.11."""


def _preexec(view: FileView, each: Resolved, word: ast.keyword) -> Findings:
    meaning = view.names.meaning(word.value, each.context.scope)
    known = None if meaning is None else _INSTEAD.get(meaning.name)
    fix = None
    if known is not None:
        fix = Fix(f"Use `{known[0]}`", (Edit(view.span(word), known[0]),), safe=known[1])
    others = [name for name in _OTHERS if not any(f"{given.arg}=" == name for given in each.call.keywords)]
    yield PREEXEC.at(
        view.file,
        view.span(each.node),
        f"`preexec_fn` makes `{each.name}` fork the whole process, which stops its threads while the page tables are "
        "copied (some 20 ms per GiB), and may deadlock where there are threads",
        hint=f"use `{known[0]}`"
        if known is not None
        else f"use {', '.join(f'`{name}`' for name in others)} or a small wrapper program",
        function=function_of(each.context.scope).name,
        fix=fix,
        confidence=Confidence.LOW if _may_be_none(word.value) else None,
    )


_OTHERS = ("start_new_session=", "process_group=", "user=", "group=", "umask=")


def _may_be_none(value: ast.expr) -> bool:
    """`function if wanted else None`."""
    sides = (value.body, value.orelse) if isinstance(value, ast.IfExp) else ()
    return any(isinstance(side, ast.Constant) and side.value is None for side in sides)


# Pools that nobody closes


def _leaked(found: Processes, pool: Resolved) -> Findings:
    view, node = found.view, pool.call
    chained = next((each for each in view.found.calls if getattr(each.func, "value", None) is node), None)
    if chained is not None:
        if chained in view.found.awaited or getattr(chained.func, "attr", "") == "__enter__":
            return
        name = ""
    else:
        spelling = _kept_in(found, pool)
        if spelling is None or _is_closed(view, pool, spelling) or _is_passed_on(pool, spelling):
            return
        name = f" as `{spelling}`"
    yield LEAKED.at(
        view.file,
        view.span(node),
        f"this pool{name} is never closed: its processes stay until it is collected as garbage, which may hang",
        hint="make it with `with multiprocessing.Pool(…) as pool:`",
        function=function_of(pool.context.scope).name,
        severity=Severity.INFO if _ends_at_once(pool) else None,
        confidence=Confidence.HIGH if chained is not None else None,
    )


_SOON = 4
"""Statements within which the process ends that made the pool."""


def _ends_at_once(pool: Resolved) -> bool:
    """Whether the main program makes it, uses it and exits: then its processes end anyway."""
    if function_of(pool.context.scope).kind != "module" or not is_guarded(pool.context):
        return False
    return any(
        isinstance(each, ast.Expr) and isinstance(each.value, ast.Call) and spelled(each.value.func) in _EXITS
        for each in following(pool.node, pool.context.node)[:_SOON]
    )


_EXITS = frozenset({"exit", "os._exit", "quit", "sys.exit"})


def _kept_in(found: Processes, pool: Resolved) -> str | None:
    """Name or attribute that a pool is assigned to, None when something else becomes of it."""
    scope = function_of(pool.context.scope)
    for name, bindings in scope.bindings.items():
        if any(each.payload is pool.node and each.how is Bound.VALUE for each in bindings):
            return name
    for klass in found.view.found.classes:
        for name, bindings in klass.attributes.items():
            if any(each.payload is pool.node for each in bindings):
                return f"self.{name}"
    return None


def _is_closed(view: FileView, pool: Resolved, spelling: str) -> bool:
    last = re.escape(spelling.rpartition(".")[2])
    node, lines = function_of(pool.context.scope).node, view.source.lines
    is_own = spelling == last and spelling not in function_of(pool.context.scope).redirected
    if is_own and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        lines = lines[node.lineno - 1 : node.end_lineno]
    text = "\n".join(lines)
    return bool(re.search(rf"\b{last}\s*\.\s*(?:close|terminate|__exit__|shutdown)\b|\bwith\b[^\n]*\b{last}\b", text))


def _is_passed_on(pool: Resolved, spelling: str) -> bool:
    """Whether somebody else has it, too, who may close it."""
    scope = function_of(pool.context.scope)
    if spelling.startswith("self.") or spelling in scope.redirected:
        return False
    return _is_read_whole(scope, spelling)


def _is_read_whole(scope: Scope, name: str) -> bool:
    receivers = {each.value for each in ast.walk(scope.node) if isinstance(each, ast.Attribute)}
    return any(
        isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Load) and each not in receivers
        for each in ast.walk(scope.node)
    )
