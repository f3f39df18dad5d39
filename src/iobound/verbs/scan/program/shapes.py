"""What expressions and functions look like, before anybody asks what they mean."""

from __future__ import annotations

import ast

from iobound.verbs.scan.syntax.survey import Scope


def may_give(scope: Scope) -> bool:
    """Whether it is worth asking what a function gives: nothing but an instance of some class matters."""
    annotation = getattr(scope.node, "returns", None)
    if annotation is None:
        return 0 < len(scope.returns) <= 3 and all(may_make(value) for value in scope.returns)
    if isinstance(annotation, ast.Name):
        return annotation.id not in _PLAIN
    if isinstance(annotation, ast.Constant):
        return isinstance(annotation.value, str) and annotation.value not in _PLAIN
    return not isinstance(annotation, ast.Subscript) or getattr(annotation.value, "id", "Optional") in _UNWRAPPED


def may_make(value: ast.expr) -> bool:
    """Whether an expression looks like the making of an object: a call of a class, or of what is named so."""
    if not isinstance(value, ast.Call):
        return False
    func = value.func
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    return name.lstrip("_")[:1].isupper() or name.endswith(_MAKERS)


_MAKERS = ("session", "connect", "connection", "client", "cursor", "open", "socket", "pool", "engine", "lock")
_UNWRAPPED = frozenset({"Optional", "Annotated", "Awaitable", "Coroutine", "Final"})
_PLAIN = frozenset("Any None NoReturn Self bool bytes dict float int list object set str tuple".split())


def is_passed(payload: object) -> bool:
    """Whether an attribute is given what a name, or one of several expressions, stands for."""
    return isinstance(payload, ast.Name | ast.BoolOp | ast.IfExp | ast.Await)


def literal_length(node: ast.expr) -> int:
    """How many items an expression has that is written out, or a range; -1 where that is not seen."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set) and not any(
        isinstance(each, ast.Starred) for each in node.elts
    ):
        return len(node.elts)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "range"
        and len(node.args) == 1
    ):
        value = node.args[0]
        if isinstance(value, ast.Constant) and isinstance(value.value, int):
            return max(0, value.value)
    return -1


def awaits_inside(body: list[ast.stmt]) -> bool:
    """Whether statements give the event loop back before they end; functions that they only define excepted."""
    pending: list[ast.AST] = [*body]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(node))
    return False
