"""Calls of a loop that lead into functions of the same file, each seen as a part of the iteration that calls it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.verbs.scan.loop.callees import (
    DEPTH,
    function_called,
    matched,
    own_nodes,
    parameters_of,
    receiver_of,
    root_of,
)
from iobound.verbs.scan.loop.fixed import fixed_text
from iobound.verbs.scan.loop.flow import Usage
from iobound.verbs.scan.loop.view import View
from iobound.verbs.scan.syntax.names import Names
from iobound.verbs.scan.syntax.survey import Scope

VIEWS = 60
"""Functions that are looked into for one loop; more are not followed."""


def views_below(view: View, names: Names, depth: int = DEPTH) -> Iterator[View]:
    """The functions of the same file that a loop calls, and those that they call; constructors among them.

    Assumes:
        A function that is called at several places does the same at each: it is looked into once.
    """
    pending, seen = [(view, depth)], {view.function}
    while pending and len(seen) <= VIEWS:
        outer, left = pending.pop()
        for call in outer.usage.calls if left else ():
            callee = function_called(call, outer.function, names)
            if callee is not None and callee not in seen:
                seen.add(callee)
                inner = _view_of(call, callee, outer)
                pending.append((inner, left - 1))
                yield inner


def _view_of(call: ast.Call, callee: Scope, outer: View) -> View:
    nodes = own_nodes(callee.node)
    fixed = dict(_defaults(callee))
    items: set[str] = set()
    for parameter, argument in _given(call, callee):
        fixed.pop(parameter, None)
        root = root_of(argument)
        text = fixed_text(argument, outer)
        if text is not None:
            fixed[parameter] = text
        elif root is not None and root.id in outer.usage.targets:
            items.add(parameter)
    used = Usage(items)
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own = (own | set(callee.bindings)) - set(callee.redirected) - set(fixed)
    used.written = dict.fromkeys(own - items, 0)
    used.calls = [node for node in nodes if isinstance(node, ast.Call)]
    return View(outer.loop, callee, used, tuple(nodes), fixed)


def _given(call: ast.Call, callee: Scope) -> Iterator[tuple[str, ast.expr]]:
    yield from matched(call, callee)
    receiver = receiver_of(callee)
    if receiver and isinstance(call.func, ast.Attribute) and not callee.name.endswith(".__init__"):
        yield receiver, call.func.value


def _defaults(callee: Scope) -> Iterator[tuple[str, str]]:
    """Parameters with a default, which is one object for all calls that give nothing else."""
    arguments = getattr(callee.node, "args", None)
    if isinstance(arguments, ast.arguments):
        positional = parameters_of(callee.node)[: len(arguments.posonlyargs) + len(arguments.args)]
        pairs = list(zip(reversed(positional), reversed(arguments.defaults), strict=False))
        pairs += [
            (arg.arg, value) for arg, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value
        ]
        for name, value in pairs:
            yield name, ast.unparse(value)
