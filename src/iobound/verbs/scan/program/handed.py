"""Functions that a file hands over: to what kind of worker, and to how many of them."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from iobound.verbs.scan.catalogue.entries import Offload
from iobound.verbs.scan.program.facts import Handing
from iobound.verbs.scan.program.view import FileView, Resolved, argument_of
from iobound.verbs.scan.syntax.survey import Bound, Scope

WORKERS: Mapping[str, str] = {
    "concurrent.futures.ThreadPoolExecutor": "max_workers",
    "concurrent.futures.ProcessPoolExecutor": "max_workers",
    "concurrent.futures.InterpreterPoolExecutor": "max_workers",
    "loky.ProcessPoolExecutor": "max_workers",
    "multiprocessing.pool.Pool": "processes",
    "multiprocessing.pool.ThreadPool": "processes",
    "joblib.Parallel": "n_jobs",
}
"""What makes a pool: the argument, always the first one, that says how many workers it has."""

_KINDS = {
    "concurrent.futures.ThreadPoolExecutor": "thread",
    "concurrent.futures.ProcessPoolExecutor": "process",
    "loky.ProcessPoolExecutor": "process",
}
_OF_THREADS = frozenset({"threading", "threads", "sharedmem"})


def handing_of(view: FileView, resolved: Resolved, offload: Offload, boundary: int, loop: int) -> Handing | None:
    """What a call hands over, without the symbol of the function; None when the function is not given.

    Args:
        boundary: Index of the symbol of what is called.
        loop: Index of the loop around the call.
    """
    call = resolved.call
    argument = argument_of(call, offload.argument, offload.keyword)
    if argument is None:
        return None
    made = _pool_of(view, resolved)
    return Handing(
        boundary,
        -1,
        view.source.slice(argument),
        view.span(call),
        loop,
        workers=workers_of(made),
        where=_where(view, resolved, offload, made),
        many=hands_over_many(resolved.name),
    )


def hands_over_many(name: str) -> bool:
    """Whether one call has the function called for each of many items."""
    return name == "joblib.delayed" or "map" in name.rpartition(".")[2]


def made_by(view: FileView, node: ast.expr, scope: Scope) -> ast.Call | None:
    """The call that made what an expression stands for, None where the source does not show a single one."""
    if isinstance(node, ast.Call):
        return node
    bindings = []
    if isinstance(node, ast.Name):
        holder = view.names.holder(node.id, scope)
        bindings = holder.bindings[node.id] if holder is not None else []
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        owner = view.names.meaning(node.value, scope)
        if owner is not None and owner.scope is not None and owner.scope.kind == "class":
            bindings = [*owner.scope.attributes.get(node.attr, ()), *owner.scope.bindings.get(node.attr, ())]
    values = [each.payload for each in bindings if each.how in (Bound.VALUE, Bound.WITH, Bound.ANNOTATION)]
    calls = [value for value in values if isinstance(value, ast.Call)]
    return calls[0] if len(calls) == 1 else None


def workers_of(made: ast.Call | None) -> int:
    """How many workers a pool is made with, 0 where its call does not say so."""
    if made is None:
        return 0
    words = {word.arg: word.value for word in made.keywords}
    given = next((words[name] for name in set(WORKERS.values()) if name in words), None)
    value = given if given is not None else (made.args[0] if made.args else None)
    if isinstance(value, ast.Constant) and type(value.value) is int and value.value > 0:
        return value.value
    return 0


def _pool_of(view: FileView, resolved: Resolved) -> ast.Call | None:
    """The call that made the pool to which something is handed."""
    if resolved.name == "joblib.delayed":
        return _parallel_around(view).get(resolved.node)
    func = resolved.call.func
    if resolved.name.endswith(".run_in_executor"):
        executor = argument_of(resolved.call, 0, "executor")
        return None if executor is None else made_by(view, executor, resolved.context.scope)
    if isinstance(func, ast.Attribute) and resolved.name.rpartition(".")[0] in WORKERS:
        return made_by(view, func.value, resolved.context.scope)
    return None


def _where(view: FileView, resolved: Resolved, offload: Offload, made: ast.Call | None) -> str:
    if resolved.name == "joblib.delayed" and made is not None:
        words = {word.arg: word.value for word in made.keywords}
        chosen = {getattr(words.get(name), "value", None) for name in ("prefer", "backend", "require")}
        return "thread" if chosen & _OF_THREADS else offload.where
    if resolved.name.endswith(".run_in_executor"):
        executor = argument_of(resolved.call, 0, "executor")
        if isinstance(executor, ast.Constant) and executor.value is None:
            return "thread"
        meaning = None if executor is None else view.names.meaning(executor, resolved.context.scope)
        return _KINDS.get(meaning.name, offload.where) if meaning is not None else offload.where
    func = resolved.call.func
    if isinstance(func, ast.Attribute) and _is_chosen(view, func.value, resolved.context.scope):
        return "executor"
    return offload.where


def _is_chosen(view: FileView, node: ast.expr, scope: Scope, depth: int = 4) -> bool:
    """Whether the program chooses between kinds of pools when it runs."""
    if depth <= 0:
        return False
    if isinstance(node, ast.IfExp):
        return True
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name | ast.IfExp) and _is_chosen(view, node.func, scope, depth - 1)
    holder = view.names.holder(node.id, scope) if isinstance(node, ast.Name) else None
    if holder is None or not isinstance(node, ast.Name):
        return False
    # What a `with` block binds is meant in that block only.
    bindings = [each for each in holder.bindings[node.id] if each.how is Bound.VALUE]
    values = [each.payload for each in bindings if isinstance(each.payload, ast.expr)]
    kinds = {getattr(view.names.meaning(value, holder), "name", "") for value in values[:4]}
    return len(kinds - {"", "builtins.NoneType"}) > 1 or any(
        value is not node and _is_chosen(view, value, holder, depth - 1)
        for value in values[:4]
        if not isinstance(value, ast.Name)
    )


def _parallel_around(view: FileView) -> Mapping[ast.AST, ast.Call]:
    """By `delayed(f)` that joblib runs for each item: the call that made its `Parallel`."""
    found: dict[ast.AST, ast.Call] = {}
    for each in view.by_name.get("joblib.Parallel.__call__", ()):
        made = made_by(view, each.call.func, each.context.scope)
        tasks = each.call.args[0] if each.call.args else None
        element = getattr(tasks, "elt", None)
        if made is not None and isinstance(element, ast.Call):
            found[element.func] = made
    return found
