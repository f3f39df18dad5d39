"""How many items a loop has at most, where the source says so: tables that are written out, parts of fixed length."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from iobound.verbs.scan.syntax.names import Names, is_property, spelled
from iobound.verbs.scan.syntax.survey import Binding, Bound, LoopNode, Scope
from iobound.verbs.scan.syntax.walking import children

_DEPTH = 8
_ENDLESS = 1_000_000
"""Stands for as many as there may be."""

_SAME_LENGTH = frozenset("dict.fromkeys enumerate frozenset iter list reversed set sorted tqdm tqdm.tqdm tuple".split())
_VIEWS = frozenset({"items", "keys", "values", "copy"})
_ADDS_ONE = frozenset({"append", "appendleft", "add", "insert", "setdefault"})
_ADDS_MANY = frozenset({"extend", "update"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def most_items(loop: LoopNode, function: Scope, names: Names) -> int:
    """The largest number of iterations that a loop can have, -1 where the source does not say it.

    Args:
        function: The function that the loop is in.
    """
    if isinstance(loop, ast.For):
        found = _most(loop.iter, function, names, _DEPTH)
    elif isinstance(loop, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        found = _product(loop.generators, function, names, _DEPTH)
    else:
        return -1
    return -1 if found is None or found >= _ENDLESS else found


def _product(generators: Iterable[ast.comprehension], scope: Scope, names: Names, left: int) -> int | None:
    product = 1
    for generator in generators:
        most = _most(generator.iter, scope, names, left)
        if most is None:
            return None
        product *= most
    return product


def _most(node: ast.expr, scope: Scope, names: Names, left: int) -> int | None:
    if left == 0:
        return None
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return None if any(isinstance(each, ast.Starred) for each in node.elts) else len(node.elts)
    if isinstance(node, ast.Dict):
        return None if any(key is None for key in node.keys) else len(node.keys)
    if isinstance(node, ast.Constant):
        return len(node.value) if isinstance(node.value, str | bytes) else None
    if isinstance(node, ast.Subscript):
        return _part(node, scope, names, left - 1)
    if isinstance(node, ast.Call):
        return _called(node, scope, names, left - 1)
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return _product(node.generators, scope, names, left - 1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [_most(each, scope, names, left - 1) for each in (node.left, node.right)]
        return None if None in parts else sum(each or 0 for each in parts)
    if isinstance(node, ast.IfExp):
        return _largest([node.body, node.orelse], scope, names, left - 1)
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        return _largest(node.values, scope, names, left - 1)
    if isinstance(node, ast.Name):
        return _name(node.id, scope, names, left - 1)
    return _attribute(node, scope, names, left - 1) if isinstance(node, ast.Attribute) else None


def _largest(nodes: Iterable[ast.expr], scope: Scope, names: Names, left: int) -> int | None:
    known = [_most(each, scope, names, left) for each in nodes]
    return None if not known or None in known else max(each or 0 for each in known)


def _number(node: ast.expr | None) -> int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


# Parts


def _part(node: ast.Subscript, scope: Scope, names: Names, left: int) -> int | None:
    if isinstance(node.slice, ast.Slice):
        whole = _most(node.value, scope, names, left)
        limit = _slice(node.slice, whole)
        known = [each for each in (whole, limit) if each is not None]
        return min(known) if known else None
    table = _table(node.value, scope, names)
    values: list[ast.expr] = []
    if isinstance(table, ast.Dict) and all(table.keys):
        values = table.values
    elif isinstance(table, ast.List | ast.Tuple):
        values = table.elts
    return _largest(values, scope, names, left)


def _slice(part: ast.Slice, whole: int | None) -> int | None:
    first, last = _number(part.lower) or 0, _number(part.upper)
    if part.upper is None:
        if first < 0:
            return -first
        return max(0, whole - first) if whole is not None else None
    if last is None or first < 0 or last < 0:
        return -first + last if last is not None and first < 0 and last < 0 else None
    return max(0, last - first) if part.lower is None or _number(part.lower) is not None else last


def _table(node: ast.expr, scope: Scope, names: Names) -> ast.expr | None:
    """What a name or attribute is set to, where that is done once."""
    found = _bound(node, scope, names)
    values = [each.payload for each in found[1]] if found is not None else []
    value = values[0] if len(values) == 1 else None
    return value if isinstance(value, ast.expr) and found is not None and _growth(node, found[0]) == 0 else None


def _called(node: ast.Call, scope: Scope, names: Names, left: int) -> int | None:
    name = spelled(node.func)
    if isinstance(node.func, ast.Attribute) and node.func.attr in _VIEWS and not node.args:
        return _most(node.func.value, scope, names, left)
    if not node.args:
        return None
    if name in _SAME_LENGTH:
        return _most(node.args[0], scope, names, left)
    if name == "zip":
        known = [each for each in (_most(arg, scope, names, left) for arg in node.args) if each is not None]
        return min(known, default=None)
    if name.rpartition(".")[2] == "islice" and len(node.args) == 2:
        return _number(node.args[1])
    numbers = [_number(each) for each in node.args] if name == "range" and not node.keywords else []
    whole = [each for each in numbers if each is not None]
    return len(range(*whole)) if whole and len(whole) == len(node.args) and whole[2:] != [0] else None


# Names


def _bound(node: ast.expr, scope: Scope, names: Names) -> tuple[Scope, list[Binding]] | None:
    """Where a name or an attribute of an object of this class belongs, and what it is bound to there."""
    if isinstance(node, ast.Name):
        holder = names.holder(node.id, scope)
        return None if holder is None else (holder, _values(holder.bindings.get(node.id, ())))
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        owner = names.meaning(node.value, scope)
        klass = owner.scope if owner is not None else None
        if klass is None or klass.kind != "class" or _is_overridden(klass, node.attr, names):
            return None
        bindings = [*klass.bindings.get(node.attr, ()), *klass.attributes.get(node.attr, ())]
        return klass, _values(bindings)
    return None


def _values(bindings: Iterable[Binding]) -> list[Binding]:
    return [each for each in bindings if each.how is not Bound.ANNOTATION]


def _is_overridden(klass: Scope, name: str, names: Names) -> bool:
    """Whether a class of the file that derives from it says otherwise."""
    module = klass
    while module.parent is not None:
        module = module.parent
    last = klass.name.rpartition(".")[2]
    others = [
        binding.payload
        for bindings in module.bindings.values()
        for binding in bindings
        if isinstance(binding.payload, Scope) and binding.payload.kind == "class" and binding.payload is not klass
    ]
    heirs = {last}
    for other in others:  # in the order of the file: a class stands below those that it derives from
        if any(spelled(base).rpartition(".")[2] in heirs for base in getattr(other.node, "bases", ())):
            heirs.add(other.name.rpartition(".")[2])
            if name in other.bindings or name in other.attributes:
                return True
    return False


def _name(name: str, scope: Scope, names: Names, left: int) -> int | None:
    return _held(ast.Name(name, ast.Load()), scope, names, left)


def _attribute(node: ast.Attribute, scope: Scope, names: Names, left: int) -> int | None:
    return _held(node, scope, names, left)


def _held(node: ast.Name | ast.Attribute, scope: Scope, names: Names, left: int) -> int | None:
    found = _bound(node, scope, names)
    if found is None or not found[1]:
        return None
    holder, bindings = found
    most = 0
    for binding in bindings:
        known = _given(binding, holder, names, left)
        if known is None:
            return None
        most = max(most, known)
    return most + _growth(node, holder)


def _given(binding: Binding, holder: Scope, names: Names, left: int) -> int | None:
    """Items of what one statement, or a property, gives."""
    payload = binding.payload
    if binding.how is Bound.VALUE and isinstance(payload, ast.expr):
        return _most(payload, binding.scope or holder, names, left)
    if isinstance(payload, Scope) and is_property(payload) and not payload.yields:
        return _largest(payload.returns, payload, names, left)
    return None


def _growth(node: ast.expr, holder: Scope) -> int:
    """How many items are added to what a name or attribute stands for, at most."""
    last = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    body = getattr(holder.node, "body", ())
    return sum(_added(each, last) for each in body) if isinstance(body, list) else 0


def _added(node: ast.AST, name: str) -> int:
    if isinstance(node, ast.If):
        ways = (node.body, node.orelse)
        return _added(node.test, name) + max(sum(_added(each, name) for each in way) for way in ways)
    inside = sum(_added(each, name) for each in children(node)) + _adds(node, name)
    repeats = isinstance(node, _LOOPS) or (isinstance(node, _FUNCTIONS) and getattr(node, "name", "") != "__init__")
    return _ENDLESS if inside and repeats else inside


def _adds(node: ast.AST, name: str) -> int:
    """Items that one node adds by itself."""
    if isinstance(node, ast.AugAssign):
        return _ENDLESS if _last(node.target) == name else 0
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        return 1 if _last(node.value) == name else 0
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _last(node.func.value) == name:
        return 1 if node.func.attr in _ADDS_ONE else _ENDLESS if node.func.attr in _ADDS_MANY else 0
    return 0


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
