"""What functions change for everybody, and put back when they are done: `Loop.connect = mine` until a `finally`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from iobound.verbs.scan.loop.callees import root_of
from iobound.verbs.scan.loop.view import View
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.survey import Bound


def restored(views: Iterable[View]) -> Iterator[str]:
    """Attributes of modules and classes that are set and put back in `finally`, as the source spells them."""
    for view in views:
        tries = [node for node in view.nodes if isinstance(node, ast.Try) and node.finalbody]
        if not tries:
            continue
        ends = {id(node) for each in tries for statement in each.finalbody for node in ast.walk(statement)}
        back = {path for each in tries for statement in each.finalbody for path in _set(statement, view)}
        changed = {path for node in view.nodes if id(node) not in ends for path in _set(node, view)}
        yield from sorted(back & changed)


def _set(node: ast.AST, view: View) -> Iterator[str]:
    for target in node.targets if isinstance(node, ast.Assign) else ():
        root = root_of(target) if isinstance(target, ast.Attribute) else None
        if root is not None and _is_for_all(root.id, view):
            yield spelled(target)


def _is_for_all(name: str, view: View) -> bool:
    """Whether a name is none of the function's own: of a module, a class, or what the function imports."""
    own = view.function.bindings.get(name, ())
    return all(each.how is Bound.IMPORT for each in own)
