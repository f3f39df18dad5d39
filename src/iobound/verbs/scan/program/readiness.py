"""Coroutines after which a program says that it is ready: what they do is done before anybody is served."""

from __future__ import annotations

import ast
import re

from iobound.verbs.scan.program.branches import following
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.scopes import function_of
from iobound.verbs.scan.syntax.survey import Context, Scope

LIFE = re.compile(
    r"_*(?:async_|a)?(?:initiali[sz]e|init|setup|set_up|startup|on_startup|start_up|shutdown|on_shutdown|shut_down|cleanup"
    r"|clean_up|on_cleanup|teardown|tear_down|close|stop|post_init|post_stop|post_shutdown|lifespan|bootstrap"
    r"|__aenter__|__aexit__)(?:_(?:app|server|service|all|event|hook|handler|async))?"
)
"""Last names of functions that begin or end the life of something."""

_BEGINNING = re.compile(r"_*(?:boot|connect|init|initiali[sz]e|launch|load|open|prepare|run|setup|start)(?:_\w+)?")
_SIGNALS = {
    "send": re.compile(r"(?i)conn|pipe|ready"),
    "set": re.compile(r"(?i)boot|init|ready|running|start|up$"),
    "set_result": re.compile(r"(?i)boot|init|ready|running|start|up$"),
}
"""Methods that say so, with what they are called on."""

_TASKS = frozenset({"create_task", "ensure_future"})


def readied(view: FileView) -> dict[Scope, set[str]]:
    """By function: last names of the coroutine functions that it begins with.

    These it awaits, and says then at once that it is ready: `await module.run(); connection.send(None)`. Or it is an
    `__init__` that starts them as tasks, for which another method waits before it does anything else.
    """
    found: dict[Scope, set[str]] = {}
    for node, context in view.found.awaited.items():
        name = _begun(node)
        if name and context.loop is None and _signals(node, context):
            found.setdefault(function_of(context.scope), set()).add(name)
    if not view.found.awaited:
        return found
    for node, context in zip(view.found.calls, view.found.contexts, strict=True):
        if node.func.__class__ is ast.Attribute and node.func.attr in _TASKS and node.args:
            function = function_of(context.scope)
            name = _begun(node.args[0])
            if name and function.name.endswith("__init__") and _is_waited_for(view, node, function):
                found.setdefault(function, set()).add(name)
    return found


def _begun(node: ast.AST) -> str:
    """Last name of what a call calls, if it is called like something that begins."""
    func = node.func if isinstance(node, ast.Call) else None
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    return name if _BEGINNING.fullmatch(name) else ""


def _signals(node: ast.AST, context: Context) -> bool:
    """Whether the statement after an `await` says that all is ready."""
    after = following(node, context.node)
    call = after[0].value if after and isinstance(after[0], ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    pattern = _SIGNALS.get(call.func.attr)
    return pattern is not None and pattern.search(spelled(call.func.value).rpartition(".")[2]) is not None


def _is_waited_for(view: FileView, task: ast.Call, function: Scope) -> bool:
    """Whether another method of the class awaits first of all the attribute that keeps a task."""
    klass = function.parent
    kept = klass.attributes if klass is not None else {}
    names = [name for name, bound in kept.items() if any(each.payload is task for each in bound)]
    return any(
        isinstance(awaited, ast.Attribute)
        and awaited.attr in names
        and function_of(context.scope).parent is klass
        and awaited.lineno == function_of(context.scope).awaits_from
        for awaited, context in view.found.awaited.items()
    )
