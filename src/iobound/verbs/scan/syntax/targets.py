"""Binding of names: by assignments of any shape, by parameters, by imports."""

from __future__ import annotations

import ast

from iobound.verbs.scan.syntax.scopes import Binding, Bound, FunctionNode, Scope

_new = tuple.__new__  # as in `scopes`
_NAMING = frozenset({ast.Name, ast.Attribute})
_ANNOTATION, _OTHER, _SELF, _VALUE = Bound.ANNOTATION, Bound.OTHER, Bound.SELF, Bound.VALUE


def bind_target(target: ast.expr, value: ast.expr | None, scope: Scope, how: Bound = _VALUE) -> None:
    """What an assignment, a loop or a `with` binds; names that are unpacked from something have no value."""
    if target.__class__ is ast.Attribute:
        if value is not None:
            bind_attribute(target, _new(Binding, (how, value, target.lineno, scope)), scope)
        return
    pending: list[tuple[ast.expr, ast.expr | None]] = [(target, value)]
    while pending:
        target, value = pending.pop()
        if isinstance(target, ast.Name):
            scope.bind(target.id, how if value is not None else _OTHER, value, target.lineno)
        elif isinstance(target, ast.Starred):
            pending.append((target.value, None))
        elif isinstance(target, ast.Tuple | ast.List):
            pending.extend(_pairs(target, value))
        elif value is not None:
            bind_attribute(target, Binding(how, value, target.lineno, scope), scope)


def bind_attribute(target: ast.expr, binding: Binding, scope: Scope) -> None:
    """What a method assigns to an attribute of its first parameter."""
    if not (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)):
        return
    for bound in scope.function.bindings.get(target.value.id, ()):
        if bound.how is _SELF and isinstance(bound.payload, Scope):
            bound.payload.attributes.setdefault(target.attr, []).append(binding)


def _pairs(target: ast.Tuple | ast.List, value: ast.expr | None) -> list[tuple[ast.expr, ast.expr | None]]:
    if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
        if not any(isinstance(part, ast.Starred) for part in (*value.elts, *target.elts)):
            return list(zip(target.elts, value.elts, strict=True))
    return [(part, None) for part in target.elts]


def bind_parameters(args: ast.arguments, inner: Scope, outer: Scope, *, is_method: bool) -> None:
    """Parameters of a function or a lambda, the first of a method as its object."""
    bindings = inner.bindings
    positional = [*args.posonlyargs, *args.args] if args.posonlyargs else args.args
    for arg in [*positional, *args.kwonlyargs] if args.kwonlyargs else positional:
        annotation = arg.annotation
        how = _OTHER if annotation is None else _ANNOTATION
        bindings[arg.arg] = [_new(Binding, (how, annotation, arg.lineno, None))]
    if is_method and positional:
        first = positional[0]
        bindings[first.arg] = [_new(Binding, (_SELF, outer, first.lineno, None))]
    for rest in (args.vararg, args.kwarg):
        if rest is not None:
            inner.bind(rest.arg, _OTHER, None, rest.lineno)
    if args.defaults:
        for arg, default in zip(reversed(positional), reversed(args.defaults), strict=False):
            if arg.annotation is None and default.__class__ in _NAMING:  # an object that all calls share
                bindings[arg.arg].append(Binding(_VALUE, default, arg.lineno, outer))


def is_static(node: FunctionNode) -> bool:
    """Whether a function of a class has no parameter for its object."""
    return any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in node.decorator_list)


def bind_import(node: ast.Import, scope: Scope) -> None:
    """Names of modules, or of the packages around them."""
    for alias in node.names:
        dotted = alias.name if alias.asname else alias.name.partition(".")[0]
        scope.bind(alias.asname or dotted, Bound.IMPORT, dotted, node.lineno)


def bind_import_from(node: ast.ImportFrom, scope: Scope) -> None:
    """Names out of a module."""
    base = "." * node.level + (node.module or "")
    joint = "" if base.endswith(".") or not base else "."
    for alias in node.names:
        if alias.name == "*":
            scope.stars.append(base)
        else:
            scope.bind(alias.asname or alias.name, Bound.IMPORT, f"{base}{joint}{alias.name}", node.lineno)
