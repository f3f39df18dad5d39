"""A loop, or a function that it calls, as what is judged looks at it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from iobound.verbs.scan.loop.callees import root_of
from iobound.verbs.scan.loop.flow import Usage
from iobound.verbs.scan.syntax.survey import LoopNode, Scope
from iobound.verbs.scan.syntax.walking import walk


class View(NamedTuple):
    """One loop, looked at in its function; or a function that it calls.

    Attributes:
        nodes: Nodes of what is repeated.
        fixed: Parameters that are given the same in every iteration, as the loop's own code would spell it.
    """

    loop: LoopNode
    function: Scope
    usage: Usage
    nodes: tuple[ast.AST, ...]
    fixed: Mapping[str, str] = MappingProxyType({})

    def is_outer(self, node: ast.expr) -> ast.Name | None:
        """The name that an expression begins with when it stands for the same object in every iteration."""
        root = root_of(node)
        return None if root is None or self.usage.is_private(root.id) else root


def repeated(loop: LoopNode) -> list[ast.AST]:
    """Nodes of what a loop does once per iteration."""
    if isinstance(loop, ast.While):
        parts: list[ast.AST] = [loop.test, *loop.body]
    elif isinstance(loop, ast.For | ast.AsyncFor):
        parts = list(loop.body)
    else:
        parts = [loop.key, loop.value] if isinstance(loop, ast.DictComp) else [loop.elt]
        parts += [test for generator in loop.generators for test in generator.ifs]
        parts += [generator.iter for generator in loop.generators[1:]]
    return [node for part in parts for node in walk(part)]
