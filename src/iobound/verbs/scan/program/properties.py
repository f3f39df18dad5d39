"""Reading a property runs its function, though nothing looks like a call."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from iobound.verbs.scan.program.definitions import lineage
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.syntax.names import is_property
from iobound.verbs.scan.syntax.survey import Context, Scope

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def reads_of_properties(view: FileView) -> Iterator[Resolved]:
    """Where functions of a file read properties of its classes that call something; loops around them are not told."""
    declared = {scope for scope in view.found.scopes if scope.kind == "function" and is_property(scope)}
    if not declared:
        return
    calling = {context.scope.function for context in set(view.found.contexts)}  # which many calls have in common
    properties = {scope.name.rpartition(".")[2] for scope in declared & calling}
    lines = _lines_that_read(properties, view) if properties else ()
    for scope in view.found.scopes if lines else ():
        if scope.kind != "function" or not _stands_at(scope.node, lines):
            continue
        context = Context(scope, scope.node, None, None)
        for node in _own_nodes(scope, lines):
            if isinstance(node, ast.Attribute) and node.attr in properties and isinstance(node.ctx, ast.Load):
                owner = view.names.meaning(node.value, scope)
                if owner is not None and owner.instance and owner.scope is not None:
                    klass = next((each for each in lineage(view, owner.scope) if node.attr in each.bindings), None)
                    read = None if klass is None else view.names.property_of(klass, node.attr)
                    if read is not None:
                        yield Resolved(node, context, read)


def _lines_that_read(names: Iterable[str], view: FileView) -> Sequence[int]:
    """Lines with a dot before one of some names, as the text has it: that spares a walk over nearly everything."""
    text = "\n".join(view.source.lines)
    lines, line, at = [], 1, 0
    for match in re.finditer(rf"\.\s*(?:{'|'.join(map(re.escape, names))})\b", text):
        line += text.count("\n", at, match.end())
        at = match.end()
        lines.append(line)
    return lines


def _stands_at(node: ast.AST, lines: Sequence[int]) -> bool:
    """Whether a statement or function covers one of some lines."""
    first, last = node.lineno, node.end_lineno  # type: ignore[attr-defined]
    at = bisect_left(lines, first)
    return at < len(lines) and lines[at] <= last


def _own_nodes(scope: Scope, lines: Sequence[int]) -> Iterator[ast.AST]:
    """Nodes of those statements of a function that cover some lines, those of functions and classes in it excepted."""
    pending: list[ast.AST] = [*getattr(scope.node, "body", ())]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.stmt) and not _stands_at(node, lines):
            continue
        yield node
        if not isinstance(node, _FUNCTIONS):
            pending.extend(ast.iter_child_nodes(node))
