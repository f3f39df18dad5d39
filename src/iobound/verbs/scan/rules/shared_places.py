"""What functions that run in several threads at once share: names, attributes and items that they write."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from iobound.verbs.scan.loop.callees import root_of
from iobound.verbs.scan.program.closeup import CloseUp
from iobound.verbs.scan.program.holding import acquires, holds_lock
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.program.workers import Reached
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.survey import Context, Scope

_PRIVATE = frozenset({"threading.local", "_thread._local", "contextvars.ContextVar", "asgiref.local.Local"})


class Place(NamedTuple):
    """Something that a function shares with other calls of it.

    Attributes:
        what: `global`, `closure` or `self`.
        path: As spelled, without what is in brackets.
    """

    what: str
    path: str


def shared_place(reached: Reached, node: ast.expr) -> Place | None:
    """What an expression is part of that other threads see, too; None for what belongs to the call, or may do so."""
    root = root_of(node)
    if root is None:
        return None
    code, path = reached.code, _path(node)
    if root.id == "self" and code.klass is not None and path != "self":
        return Place("self", path) if reached.shares_self and not _is_private(reached, node) else None
    holder = code.view.names.holder(root.id, code.scope)
    if holder is None and code.scope.redirected.get(root.id) == "global":
        return Place("global", path)  # made by no statement at the top of the module
    if holder is None or holder.is_within(code.scope) or _is_private(reached, root):
        return None
    if holder.kind == "module":
        return None if _is_import(holder, root.id) else Place("global", path)
    closes_over = reached.direct and holder.kind in ("function", "lambda") and reached.worker.overlaps
    return Place("closure", path) if closes_over and not _is_of_each(reached, root.id, holder) else None


def is_same(one: ast.expr, other: ast.expr) -> bool:
    """Whether two expressions are the same chain of names, attributes and items."""
    while True:
        if isinstance(one, ast.Name) and isinstance(other, ast.Name):
            return one.id == other.id
        if (isinstance(one, ast.Attribute) and isinstance(other, ast.Attribute) and one.attr == other.attr) or (
            isinstance(one, ast.Subscript) and isinstance(other, ast.Subscript) and _key(one) == _key(other) != ""
        ):
            one, other = one.value, other.value
        else:
            return False


def _key(node: ast.Subscript) -> str:
    """The text of a plain key, empty for another."""
    key = node.slice
    if isinstance(key, ast.Constant):
        return repr(key.value)
    return spelled(key) if isinstance(key, ast.Name | ast.Attribute) else ""


def _path(node: ast.expr) -> str:
    """Dotted path up to the first subscript."""
    parts: list[str] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
        elif isinstance(node, ast.Subscript):
            parts.clear()
        if not isinstance(node, ast.Attribute | ast.Subscript):
            return ""
        node = node.value
    return ".".join([node.id, *reversed(parts)])


def _is_import(holder: Scope, name: str) -> bool:
    return any(isinstance(each.payload, str) for each in holder.bindings[name])


def _is_private(reached: Reached, node: ast.expr) -> bool:
    """Whether each thread has a value of its own."""
    code = reached.code
    part: ast.expr = node
    while isinstance(part, ast.Attribute | ast.Subscript | ast.Name):
        meaning = code.view.names.meaning(part, code.scope)
        if meaning is not None and (meaning.name in _PRIVATE or _inherits_local(code.view, meaning.scope)):
            return True
        if isinstance(part, ast.Name):
            break
        part = part.value
    return "local" in _path(node).rpartition(".")[2].lower()


def _inherits_local(view: FileView, klass: Scope | None) -> bool:
    if klass is None or klass.kind != "class":
        return False
    bases = [view.names.meaning(base, klass.parent or klass) for base in getattr(klass.node, "bases", [])]
    return any(base is not None and base.name in _PRIVATE for base in bases)


def _is_of_each(reached: Reached, name: str, holder: Scope) -> bool:
    """Whether a variable of the enclosing function is another one for each worker: a parameter of a factory, say."""
    handing = reached.worker.handing
    return holder is not None and handing.loop >= 0 and name in _loop_names(holder)


def _loop_names(holder: Scope) -> set[str]:
    """Names that loops of a function bind in each iteration."""
    found: set[str] = set()
    for loop in holder.loops:
        for part in ast.walk(loop):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                found.add(part.id)
    return found


def unlocked(closeup: CloseUp, reached: Reached) -> Iterator[ast.AST]:
    """Nodes of a function that runs in threads which no lock protects."""
    if reached.locked:
        return
    nodes = closeup.nodes(reached.code)
    if acquires(nodes):
        return
    held = _held_ranges(reached.code.view, nodes)
    for node in nodes:
        line = getattr(node, "lineno", 0)
        if not any(first <= line <= last for first, last in held):
            yield node


def _held_ranges(view: FileView, nodes: list[ast.AST]) -> list[tuple[int, int]]:
    """Lines of the bodies of `with` statements that hold a lock."""
    found = []
    wanted = {node for node in nodes if isinstance(node, ast.With)}
    for node, context in view.found.handled:
        if node in wanted:
            inside = Context(context.scope, node, context, context.loop)
            if holds_lock(view, inside):
                found.append((node.lineno, node.end_lineno or node.lineno))
    return found
