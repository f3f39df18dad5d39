"""`list(map(work, items))`: a loop without a loop variable, seen as the generator expression that it stands for."""

from __future__ import annotations

import ast
from collections.abc import MutableSequence
from typing import Any

from iobound.verbs.scan.syntax.sources import position_of

_DRAINING = frozenset({"list", "tuple", "set", "frozenset", "dict", "sum", "min", "max", "sorted", "Counter", "deque"})
_DRAINING_METHODS = frozenset(
    {"join", "extend", "update", "Counter", "deque", "fromiter", "writelines", "from_iterable"}
)
_LAZY = frozenset({"enumerate", "zip", "filter", "iter", "map", "reversed", "tqdm"})


class MapLoop(ast.GeneratorExp):
    """`map(work, items)` as `work(item) for item in items`.

    Attributes:
        places: Where an interpreter is while the items are worked on: at what drains the map, not at the map itself.
        work: What is called for each item.
    """

    places: frozenset[tuple[int, int, int, int]]
    work: ast.expr


def note_map(
    node: ast.Call | ast.For | ast.AsyncFor,
    loops: MutableSequence[Any],
    by_place: dict[tuple[int, int, int, int], MapLoop],
) -> MapLoop | None:
    """Remember the loop that a call or statement runs by draining a `map`, and give it; None when it runs none."""
    loop = map_loop(node)
    if loop is not None:
        loops.append(loop)
        by_place.update(dict.fromkeys(loop.places, loop))
    return loop


def map_loop(node: ast.Call | ast.For | ast.AsyncFor) -> MapLoop | None:
    """The loop that a call or a `for` statement runs by draining a `map`, None when it drains none.

    Assumes:
        `map` and the names of what drains it are the built-in ones.

    Example:
        >>> loop = map_loop(ast.parse("sum(map(area, shapes))", mode="eval").body)
        >>> ast.unparse(loop.elt), ast.unparse(loop.generators[0].iter)
        ('area(item)', 'shapes')
    """
    if isinstance(node, ast.For | ast.AsyncFor):
        found, places = _map_in(node.iter), {position_of(node), position_of(node.iter)}
    else:
        found = next(filter(None, map(_map_in, node.args)), None) if _drains(node.func) else None
        places = {position_of(node)}
    if found is None:
        return None
    element, target, items = _parts(found)
    loop = MapLoop(element, [ast.comprehension(target, items, [], 0)])
    loop.places = frozenset(places)
    loop.work = found.args[0]
    for synthetic in (loop, element, target, items, *ast.walk(target)):
        if not hasattr(synthetic, "lineno"):
            ast.copy_location(synthetic, found)
    return loop


def _drains(callee: ast.expr) -> bool:
    if isinstance(callee, ast.Name):
        return callee.id in _DRAINING
    return isinstance(callee, ast.Attribute) and callee.attr in _DRAINING_METHODS


def _map_in(node: ast.expr) -> ast.Call | None:
    """The `map` that draining an expression drains, through what hands items on one by one."""
    if isinstance(node, ast.Starred):
        node = node.value
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _LAZY):
        return None
    if node.func.id == "map" and len(node.args) >= 2 and not any(isinstance(arg, ast.Starred) for arg in node.args):
        return node
    return next(filter(None, map(_map_in, node.args)), None)


def _parts(call: ast.Call) -> tuple[ast.expr, ast.expr, ast.expr]:
    """What is worked out per item, the item's name, and the items."""
    work, *iterables = call.args
    if isinstance(work, ast.Lambda) and len(work.args.args) == len(iterables):
        names = [arg.arg for arg in work.args.args]
        element: ast.expr = work.body
    else:
        names = ["item"] if len(iterables) == 1 else [f"item{number}" for number in range(1, len(iterables) + 1)]
        element = ast.Call(work, [_name(name, call, ast.Load()) for name in names], [])
    targets = [_name(name, call, ast.Store()) for name in names]
    if len(iterables) == 1:
        return element, targets[0], iterables[0]
    together = ast.Call(_name("zip", call, ast.Load()), iterables, [])
    return element, ast.Tuple(list(targets), ast.Store()), together


def _name(name: str, at: ast.expr, context: ast.expr_context) -> ast.expr:
    return ast.copy_location(ast.Name(name, context), at)
