"""Where a loop stands, and whose the names are that it reads: what code that takes its place can count on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from iobound.verbs.scan.syntax.mapped import MapLoop
from iobound.verbs.scan.syntax.names import Names
from iobound.verbs.scan.syntax.survey import Bound, LoopNode, Scope, Survey
from iobound.verbs.scan.syntax.walking import walk

_NAMED = (
    ast.ExceptHandler,
    ast.MatchAs,
    ast.MatchStar,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
)
"""Statements and patterns that bind a name which is no `Name`."""


class Setting(NamedTuple):
    """The surroundings of a loop; see the attributes of `LoopFact` that are called the same."""

    setting: str
    bound: tuple[str, ...]
    local: tuple[str, ...]
    nested: tuple[str, ...]


def setting_of(loop: LoopNode, function: Scope, found: Survey, names: Names) -> Setting:
    """Look around a loop.

    Args:
        loop: A loop.
        function: The function that it stands in, or its module.
        found: The file.
        names: What its names mean.
    """
    around = _scope_around(loop, function, found)
    statement = _module_statement(loop, found.module) if function.kind == "module" else None
    bound = set(_bound_in(loop))
    local: set[str] = set()
    nested: set[str] = set()
    for name in _read_in(loop):
        holder = names.holder(name, around)
        if holder is None or name in bound:
            continue
        if holder.kind == "comprehension":
            bound.add(name)
        elif holder.kind != "module" or (statement is not None and _only_in(statement, holder, name)):
            (nested if _is_nested(holder, name) else local).add(name)
    return Setting(_kind(function, statement), *(tuple(sorted(each)) for each in (bound, local, nested)))


def _scope_around(loop: LoopNode, function: Scope, found: Survey) -> Scope:
    """The scope whose names a loop sees, which is another comprehension for one inside of it."""
    own = next((scope for scope in found.scopes if scope.node is loop), None)
    return own.parent if own is not None and own.parent is not None else function


def _module_statement(loop: LoopNode, module: Scope) -> ast.stmt | None:
    """The statement of the module that holds a loop besides other things: `if __name__ == …`, `with`, another loop."""
    for statement in getattr(module.node, "body", ()):
        if statement.lineno <= loop.lineno and (loop.end_lineno or loop.lineno) <= (statement.end_lineno or 0):
            return statement if statement is not loop and hasattr(statement, "body") else None
    return None


def _only_in(statement: ast.stmt, holder: Scope, name: str) -> bool:
    """Whether a name of the module is bound nowhere but in one statement, so that other processes may not have it."""
    last = statement.end_lineno or statement.lineno
    return all(statement.lineno <= binding.line <= last for binding in holder.bindings[name])


def _is_nested(holder: Scope, name: str) -> bool:
    """Whether a name stands for what cannot be handed to another process: a function made here, a module."""
    return any(
        binding.how in (Bound.DEFINITION, Bound.IMPORT) or isinstance(binding.payload, ast.Lambda)
        for binding in holder.bindings[name]
    )


def _kind(function: Scope, statement: ast.stmt | None) -> str:
    if function.kind == "module":
        return "module" if statement is None else "block"
    return "coroutine" if isinstance(function.node, ast.AsyncFunctionDef) else "function"


def _read_in(loop: LoopNode) -> set[str]:
    parts: list[ast.AST] = [loop.elt] if isinstance(loop, MapLoop) else [loop]
    return {
        node.id
        for part in parts
        for node in walk(part)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _bound_in(loop: LoopNode) -> Iterator[str]:
    """Names that an iteration binds besides the loop's target."""
    body = loop.body if isinstance(loop, ast.For | ast.AsyncFor | ast.While) else [loop]
    targets: set[str] = set()
    if not isinstance(loop, ast.For | ast.AsyncFor | ast.While):
        targets = {name for generator in loop.generators for name in _stored_in(generator.target)}
    for statement in body:
        for node in walk(statement):
            for name in _binds(node):
                if name not in targets:
                    yield name


def _stored_in(node: ast.AST) -> set[str]:
    return {name for part in walk(node) for name in _binds(part)}


def _binds(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, _NAMED):
        yield from [node.name] if node.name else []
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
