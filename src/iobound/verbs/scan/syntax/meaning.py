"""What an expression stands for, and how it is spelled where that cannot be told."""

from __future__ import annotations

import ast
from typing import NamedTuple

from iobound.verbs.scan.syntax.scopes import Scope
from iobound.verbs.scan.syntax.sources import position_of

_new = tuple.__new__  # as in `scopes`


class Meaning(NamedTuple):
    """What an expression stands for.

    Attributes:
        name: Dotted name of a module, class, function or method; of the type for an instance.
        instance: Whether it is an instance of that type.
        scope: Its function or class, when it is defined in this file.
        local: Whether the name is one of this program and must not be looked up in the catalogue.
        dots: Of a name that was imported relative to the file's package: the dots of the import.
    """

    name: str
    instance: bool = False
    scope: Scope | None = None
    local: bool = False
    dots: str = ""

    def attribute(self, name: str) -> Meaning:
        """The attribute of that name, where nothing better is known."""
        return _new(Meaning, (f"{self.name}.{name}", False, None, self.local, self.dots))

    @property
    def symbol(self) -> str:
        """The name that `program.facts` keeps."""
        if self.dots:
            return self.dots + self.name
        if self.scope is not None and self.scope.kind == "lambda":
            return f":{self.name}@{position_of(self.scope.node)[0]}:{position_of(self.scope.node)[1]}"
        return f":{self.name}" if self.local else self.name


def spelled(node: ast.expr) -> str:
    """Dotted spelling of a callee whose meaning cannot be told, `` when it is no chain of names.

    Example:
        >>> spelled(ast.parse("self.pool[0].get(url).text").body[0].value)
        'self.pool[].get().text'
    """
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append("." + node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            parts.append("()")
            node = node.func
        elif isinstance(node, ast.Subscript):
            parts.append("[]")
            node = node.value
        elif isinstance(node, ast.Name):
            parts.append(node.id)
            break
        else:
            parts.append("…" if parts else "")
            break
    return "".join(reversed(parts))


def closed_under(type_name: str, operator: ast.operator) -> bool:
    """Whether an operator gives an instance of the type of its left side again."""
    if type_name == "pathlib.Path":
        return isinstance(operator, ast.Div)
    return type_name in ("builtins.str", "builtins.bytes", "builtins.list") and isinstance(operator, ast.Add | ast.Mod)
