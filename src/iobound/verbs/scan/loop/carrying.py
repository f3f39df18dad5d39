"""State that a function finds as the call before left it: it changes it, and reads it before or beside that."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from iobound.verbs.scan.syntax.names import spelled

_HANDING_ON = frozenset({"enumerate", "zip", "reversed", "sorted", "list", "iter", "range", "len"})
_VIEWS = frozenset({"values", "items", "keys"})
TAKING = frozenset("pop popleft popitem remove discard clear sort reverse insert".split())


class Uses(NamedTuple):
    """How a function uses one object from outside.

    Attributes:
        stores: Lines in which it is set as a whole, such as `self.x = …`.
        mixes: Whether a part of it is set from another part of it, or it is taken from.
        updates: Whether a part of it is updated by more than a constant, such as `cell[0] += step`.
        reads: Lines in which it, or a part of it, is read for another purpose.
    """

    stores: list[int]
    mixes: bool
    updates: bool
    reads: list[int]

    @property
    def carried(self) -> bool:
        """Whether a call goes on from what the call before left.

        Blind to the order of branches: what is read in an earlier line than it is set counts as read first.
        """
        first = min(self.stores, default=0)
        return (
            self.mixes
            or (self.updates and bool(self.reads))
            or any(line <= first for line in self.reads if self.stores)
        )


def aliases(body: Iterable[ast.AST], roots: Iterable[str]) -> dict[str, str]:
    """Names that stand for a part of one of the `roots`, with the root: loop variables over it, and its elements.

    Example:
        >>> body = ast.walk(ast.parse("for one in bodies: head = one.parts[0]"))
        >>> aliases(list(body), ["bodies"])
        {'one': 'bodies', 'head': 'bodies'}
    """
    known = {root: root for root in roots}
    found: dict[str, str] = {}
    pairs = [pair for node in body for pair in _bindings(node)]
    for _ in range(2):  # an alias of an alias may stand before it in the walk
        for target, value in pairs:
            root = _root_of_part(value, {**known, **found})
            if root is not None:
                found.update({name: root for name in _names(target) if name not in known})
    return found


def uses(body: Iterable[ast.AST], path: str, standing_for: Mapping[str, str]) -> Uses:
    """How the nodes of a function use the object of a path: a name, or an attribute such as `self.cells`."""
    nodes = list(body)
    told = Uses([], False, False, [])
    accounted: set[ast.AST] = set()
    mixes = updates = False
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                mixes |= _store(target, node, path, standing_for, told, accounted)
        elif isinstance(node, ast.AugAssign) and _is_of(node.target, path, standing_for):
            updates |= not isinstance(node.value, ast.Constant)
            accounted.update(ast.walk(node.target))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if _is_of(node.func.value, path, standing_for):
                mixes |= node.func.attr in TAKING
                accounted.update(ast.walk(node.func))
        elif isinstance(node, ast.Compare) and any(isinstance(sign, ast.In | ast.NotIn) for sign in node.ops):
            accounted.update(part for each in node.comparators for part in ast.walk(each))
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute) and node not in accounted and _reads(node, path, standing_for):
            told.reads.append(node.lineno)
    return told._replace(mixes=mixes, updates=updates)


def _store(
    target: ast.expr, node: ast.Assign, path: str, standing_for: Mapping[str, str], told: Uses, done: set[ast.AST]
) -> bool:
    """Note an assignment; gives whether a part is set from another part."""
    parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    for part in parts:
        if isinstance(part, ast.Attribute) and spelled(part) == path:
            told.stores.append(node.lineno)
        elif isinstance(part, ast.Attribute | ast.Subscript) and _is_of(part, path, standing_for):
            done.update(ast.walk(part))
            if any(_reads(inner, path, standing_for) for inner in ast.walk(node.value)):
                return True
    return False


def _is_of(node: ast.expr, path: str, standing_for: Mapping[str, str]) -> bool:
    """Whether an expression is the object, or a part of it."""
    while True:
        if isinstance(node, ast.Name):
            return node.id == path or standing_for.get(node.id) == path
        if isinstance(node, ast.Attribute) and spelled(node) == path:
            return True
        if not isinstance(node, ast.Attribute | ast.Subscript):
            return False
        node = node.value


def _reads(node: ast.AST, path: str, standing_for: Mapping[str, str]) -> bool:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return node.id == path or standing_for.get(node.id) == path
    return isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and spelled(node) == path


def _bindings(node: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        return [(node.target, node.iter)]
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute | ast.Subscript):
        return [(target, node.value) for target in node.targets if isinstance(target, ast.Name)]
    return []


def _root_of_part(node: ast.expr, known: Mapping[str, str]) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        if not isinstance(node, ast.Call):
            if isinstance(node, ast.Attribute) and spelled(node) in known:
                return known[spelled(node)]
            node = node.value
        elif isinstance(node.func, ast.Name) and node.func.id in _HANDING_ON:
            found = (_root_of_part(arg, known) for arg in node.args)
            return next((root for root in found if root is not None), None)
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _VIEWS:
            node = node.func.value
        else:
            return None
    return known.get(node.id) if isinstance(node, ast.Name) else None


def _names(target: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(target) if isinstance(part, ast.Name)}
