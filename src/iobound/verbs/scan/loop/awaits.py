"""Loops that await one item after another, seen by reading alone.

The line of an `await` runs for microseconds, then the event loop waits for it without a frame on any stack: looks
rarely meet such a loop, however much of the time is spent waiting for it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from iobound.verbs.scan.syntax.survey import LoopNode, Scope, Survey

_STARTERS = frozenset(
    {"gather", "create_task", "ensure_future", "run_coroutine_threadsafe", "as_completed", "start_soon", "spawn"}
)
"""Last names of calls that start what they are given beside what runs already."""


def awaiting_loops(found: Survey) -> Iterator[tuple[LoopNode, Scope]]:
    """Loops of coroutine functions that await in every iteration, without those of functions that run as tasks.

    A module that awaits is a cell, which a shell runs once.

    Where a function runs as several tasks its items wait together already, unless they come from a queue: a `while`
    loop may be one of a few workers. **Assumes** that functions are started by their own name, in the file that
    defines them.
    """
    started = _started(found)
    for scope in found.scopes:
        if not isinstance(scope.node, ast.AsyncFunctionDef | ast.Module):
            continue
        name = "" if isinstance(scope.node, ast.Module) else scope.node.name
        for loop in scope.loops:
            alone = name not in started and not _is_left_early(loop)
            if (alone or isinstance(loop, ast.While)) and _awaits(loop):
                yield loop, scope


def _started(found: Survey) -> set[str]:
    """Names of functions that run as tasks, and of those that they call."""
    starting = [call for call in found.calls if _last_name(call.func) in _STARTERS]
    names = {name for call in starting for name in _called(call.args)}
    functions = {scope.node.name: scope.node for scope in found.scopes if isinstance(scope.node, ast.AsyncFunctionDef)}
    pending = [name for name in names if name in functions]
    while pending:
        inner = _called(functions[pending.pop()].body) - names
        names |= inner
        pending.extend(name for name in inner if name in functions)
    return names


def _called(nodes: Iterable[ast.AST]) -> set[str]:
    calls = (inner for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return {name for call in calls if (name := _last_name(call.func))}


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _awaits(loop: LoopNode) -> bool:
    return any(isinstance(node, ast.Await) for node in _inside(loop))


def _is_left_early(loop: LoopNode) -> bool:
    """Whether an iteration may be the last one, as of a loop that tries again until it succeeds."""
    return any(isinstance(node, ast.Return | ast.Break) for node in _inside(loop))


def _inside(loop: LoopNode) -> Iterator[ast.AST]:
    """Nodes that every iteration may run, without those of inner loops and of functions that are only defined."""
    pending: list[ast.AST] = []
    if isinstance(loop, ast.For | ast.AsyncFor | ast.While):
        pending.extend(loop.body)
    else:
        pending.extend([loop.key, loop.value] if isinstance(loop, ast.DictComp) else [loop.elt])
    while pending:
        node = pending.pop()
        yield node
        inner = ast.For | ast.AsyncFor | ast.While | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
        if not isinstance(node, inner):
            pending.extend(ast.iter_child_nodes(node))
