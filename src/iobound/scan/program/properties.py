"""Reading a property runs its function, though nothing looks like a call."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from iobound.scan.program.definitions import lineage
from iobound.scan.program.view import FileView, Resolved
from iobound.scan.syntax.names import is_property
from iobound.scan.syntax.survey import Context, Scope

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def reads_of_properties(view: FileView) -> Iterator[Resolved]:
    """Where functions of a file read properties of its classes that call something; loops around them are not told."""
    declared = {scope for scope in view.found.scopes if scope.kind == "function" and is_property(scope)}
    if not declared:
        return
    calling = {context.scope.function for context in view.found.contexts}
    properties = {scope.name.rpartition(".")[2] for scope in declared & calling}
    if not properties:
        return
    spelled = [f".{name}" for name in properties]
    lines = [number for number, row in enumerate(view.source.lines, 1) if any(text in row for text in spelled)]
    for scope in view.found.scopes:
        if scope.kind != "function" or not _covers(scope, lines):
            continue
        context = Context(scope, scope.node, None, None)
        for node in _own_nodes(scope):
            if isinstance(node, ast.Attribute) and node.attr in properties and isinstance(node.ctx, ast.Load):
                owner = view.names.meaning(node.value, scope)
                if owner is not None and owner.instance and owner.scope is not None:
                    klass = next((each for each in lineage(view, owner.scope) if node.attr in each.bindings), None)
                    read = None if klass is None else view.names.property_of(klass, node.attr)
                    if read is not None:
                        yield Resolved(node, context, read)


def _covers(scope: Scope, lines: Sequence[int]) -> bool:
    """Whether any of some lines, in order, is in a function."""
    at = bisect_left(lines, getattr(scope.node, "lineno", 0))
    return at < len(lines) and lines[at] <= (getattr(scope.node, "end_lineno", 0) or 0)


def _own_nodes(scope: Scope) -> Iterator[ast.AST]:
    """Nodes of a function, those of functions and classes in it excepted."""
    pending: list[ast.AST] = [*getattr(scope.node, "body", ())]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _FUNCTIONS):
            pending.extend(ast.iter_child_nodes(node))
