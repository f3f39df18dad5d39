"""What the source says of functions and classes that matters to `pickle`: by which name they can be imported again."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.syntax.names import Meaning
from iobound.verbs.scan.syntax.survey import Bound, Scope

_HOOKS = frozenset({"__getstate__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__"})
_PLAIN_BASES = frozenset(
    """
    builtins.object abc.ABC typing.Generic typing.Protocol builtins.Exception builtins.BaseException enum.Enum
    builtins.ValueError builtins.RuntimeError builtins.OSError builtins.KeyError builtins.LookupError
    """.split()
)


def is_local(view: FileView, scope: Scope) -> bool:
    """Whether a function or class is defined inside a function, so that no import finds it."""
    if "<locals>" not in scope.name or scope.parent is None:
        return False
    name = scope.name.rpartition(".")[2]
    return scope.parent.function.redirected.get(name) != "global"


def is_method(scope: Scope) -> bool:
    """Whether a function is a method that takes an instance."""
    if scope.kind != "function" or scope.parent is None or scope.parent.kind != "class":
        return False
    return not {"staticmethod", "classmethod"} & set(_marks(scope))


def _marks(scope: Scope) -> Iterator[str]:
    for mark in getattr(scope.node, "decorator_list", ()):
        target = mark.func if isinstance(mark, ast.Call) else mark
        yield getattr(target, "attr", getattr(target, "id", ""))


def unwrapping_decorator(view: FileView, scope: Scope) -> str:
    """The decorator after which a function's qualified name leads elsewhere; empty when there is none."""
    for mark in getattr(scope.node, "decorator_list", ()):
        target = mark.func if isinstance(mark, ast.Call) else mark
        meaning = view.names.meaning(target, scope.parent or scope)
        decorator = None if meaning is None else meaning.scope
        if decorator is None:
            continue
        if decorator.kind == "class" and not isinstance(mark, ast.Call):
            if _HOOKS.isdisjoint(decorator.bindings) and "__call__" in decorator.bindings:
                return meaning.name if meaning is not None else ""
            continue
        if isinstance(mark, ast.Call):
            decorator = inner_function(decorator)
        if decorator is not None and decorator.kind == "function" and _gives_unwrapped(view, decorator):
            return meaning.name if meaning is not None else ""
    return ""


def inner_function(function: Scope) -> Scope | None:
    """The function that a function defines and gives back."""
    for value in function.returns:
        if isinstance(value, ast.Name):
            for binding in function.bindings.get(value.id, ()):
                if binding.how is Bound.DEFINITION and isinstance(binding.payload, Scope):
                    return binding.payload
    return None


def _gives_unwrapped(view: FileView, decorator: Scope) -> bool:
    inner = inner_function(decorator)
    if inner is None or inner.kind != "function":
        return any(isinstance(value, ast.Lambda) for value in decorator.returns)
    if getattr(inner.node, "decorator_list", ()):
        return False  # `functools.wraps`, or something that may do the same
    return not any(_names_anew(node, inner) for node in ast.walk(decorator.node))


def _names_anew(node: ast.AST, inner: Scope) -> bool:
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return node.attr == "__qualname__"
    if isinstance(node, ast.Call):
        callee = node.func
        return getattr(callee, "attr", getattr(callee, "id", "")) in ("update_wrapper", "wraps")
    return False


def bases(view: FileView, klass: Scope) -> list[Meaning | None]:
    """What a class is derived from."""
    nodes = getattr(klass.node, "bases", ())
    named = [node.value if isinstance(node, ast.Subscript) else node for node in nodes]
    return [view.names.meaning(node, klass.parent or klass) for node in named]


def lineage(view: FileView, klass: Scope) -> list[Scope]:
    """A class and those of this file that it is derived from, nearest first."""
    found, pending = [klass], [klass]
    while pending and len(found) < 20:
        for base in bases(view, pending.pop(0)):
            if base is not None and base.scope is not None and base.scope.kind == "class" and base.scope not in found:
                found.append(base.scope)
                pending.append(base.scope)
    return found


def pickles_itself(view: FileView, klass: Scope) -> bool:
    """Whether a class says how it is pickled, or may inherit that from elsewhere."""
    for each in lineage(view, klass):
        if not _HOOKS.isdisjoint(each.bindings):
            return True
        for base in bases(view, each):
            if base is None or (base.scope is None and base.name not in _PLAIN_BASES):
                return True
    return False
