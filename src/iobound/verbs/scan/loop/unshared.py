"""What looks like an object that iterations share, and is none: values, modules, names of a single expression."""

from __future__ import annotations

import ast

from iobound.verbs.scan.loop.callees import function_called, root_of
from iobound.verbs.scan.loop.flow import names_in
from iobound.verbs.scan.loop.view import View
from iobound.verbs.scan.syntax.names import Names
from iobound.verbs.scan.syntax.survey import Bound

VALUES = (
    "datetime.", "decimal.", "fractions.", "functools.partial", "ipaddress.", "jinja2.Template", "operator.",
    "pathlib.PurePath", "pydantic.AnyUrl", "pydantic.HttpUrl", "pydantic.SecretBytes", "pydantic.SecretStr",
    "pydantic.TypeAdapter", "string.Template", "struct.Struct", "uuid.", "yarl.URL",
)  # fmt: skip
"""Types, or modules of types, whose objects no method changes."""


def is_of_expression(node: ast.expr, view: View) -> bool:
    """Whether an expression begins with the parameter of a lambda, or with what a comprehension runs over."""
    root = root_of(node)
    if root is None or root.id in view.function.bindings:
        return False
    return any(
        (isinstance(each, ast.comprehension) and root.id in names_in(each.target))
        or (isinstance(each, ast.Lambda) and root.id in _parameters(each))
        for each in view.nodes
    )


def _parameters(node: ast.Lambda) -> set[str]:
    return {part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)}


def gives_module(node: ast.expr, view: View, names: Names) -> bool:
    """Whether a name is set by a function of the file that imports a module and returns it."""
    if not isinstance(node, ast.Name):
        return False
    bindings = view.function.bindings.get(node.id, ())
    made = bindings[0].payload if len(bindings) == 1 else None
    callee = function_called(made, view.function, names) if isinstance(made, ast.Call) else None
    return (
        callee is not None
        and bool(callee.returns)
        and all(
            isinstance(value, ast.Name) and any(each.how is Bound.IMPORT for each in callee.bindings.get(value.id, ()))
            for value in callee.returns
        )
    )
