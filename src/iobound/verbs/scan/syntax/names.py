"""What names and expressions stand for: dotted names through imports, assignments, constructors and annotations."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from types import EllipsisType, NoneType
from typing import Any

from iobound.verbs.scan.catalogue.lookup import Catalogue
from iobound.verbs.scan.syntax.meaning import Meaning, closed_under, spelled
from iobound.verbs.scan.syntax.scopes import Binding, Bound, Scope, Survey

__all__ = ["DEPTH", "GIVEN", "STEPS", "Meaning", "Names", "spelled"]

DEPTH = 24
"""Steps of inference after which an expression counts as unknown."""

STEPS = 3000
"""Expressions that are looked at for one question; only code that a program wrote needs more."""

_BUILTINS = frozenset(dir(builtins))
_ITSELF = frozenset({"functools.partial", "copy.copy", "copy.deepcopy", "contextlib.closing", "typing.cast"})
_new = tuple.__new__  # as in `scopes`
_ANNOTATION, _IMPORT, _SELF = Bound.ANNOTATION, Bound.IMPORT, Bound.SELF
_CONSTANTS: dict[type[Any], Meaning] = {
    kind: Meaning(f"builtins.{kind.__name__}", instance=True)
    for kind in (str, bytes, int, float, complex, bool, NoneType, EllipsisType)
}
_LITERALS: dict[type[ast.expr], Meaning] = {
    kind: Meaning(name, instance=True)
    for kind, name in {
        ast.List: "builtins.list",
        ast.ListComp: "builtins.list",
        ast.Dict: "builtins.dict",
        ast.DictComp: "builtins.dict",
        ast.Set: "builtins.set",
        ast.SetComp: "builtins.set",
        ast.Tuple: "builtins.tuple",
        ast.JoinedStr: "builtins.str",
        ast.GeneratorExp: "types.GeneratorType",
    }.items()
}
GIVEN = {
    "django.db.models.Model.objects": "django.db.models.Manager",
    "pymongo.MongoClient": "pymongo.database.Database",
    "pymongo.database.Database": "pymongo.collection.Collection",
}
"""What an attribute gives, or any attribute of an object of that type that is no method."""

_WRAPPERS = frozenset({"Optional", "Annotated", "Final", "ClassVar", "Type", "Required", "NotRequired"})


class Names:
    """Resolver for one file; answers are remembered.

    Args:
        symbolic: Whether what an unknown function gives has a name, too: that of the function with `()` behind it.
    """

    def __init__(self, found: Survey, catalogue: Catalogue, *, symbolic: bool = False) -> None:
        self._found = found
        self._symbolic = symbolic
        self._members: dict[tuple[Scope, bool, str], Meaning | None] = {}
        self._catalogue = catalogue
        self._memo: dict[tuple[Scope, str], tuple[tuple[int, bool, Meaning], ...]] = {}
        self._open: set[tuple[Scope, str]] = set()
        self._cuts = 0
        self._steps = 0
        self._lambdas: dict[ast.AST, Scope] = {}

    def meaning(self, node: ast.expr, scope: Scope, depth: int = DEPTH) -> Meaning | None:
        """What an expression in a scope stands for, None when that cannot be told."""
        self._steps = 0 if depth == DEPTH else self._steps + 1
        if depth <= 0 or self._steps > STEPS:
            self._cuts += 1
            return None
        kind = node.__class__
        if kind is ast.Name:
            return self.name(node.id, scope, node.lineno, depth)  # type: ignore[attr-defined]
        if kind is ast.Attribute:
            owner = self.meaning(node.value, scope, depth - 1)  # type: ignore[attr-defined]
            return None if owner is None else self._attribute(owner, node.attr, depth)  # type: ignore[attr-defined]
        if kind is ast.Call:
            return self._called(node, scope, depth)  # type: ignore[arg-type]
        if kind is ast.Constant:
            return _CONSTANTS[node.value.__class__]  # type: ignore[attr-defined]
        if kind in _LITERALS:
            return _LITERALS[kind]
        return self._compound(node, scope, depth - 1)

    def _compound(self, node: ast.expr, scope: Scope, depth: int) -> Meaning | None:
        if isinstance(node, ast.Await | ast.NamedExpr | ast.Starred):
            return self.meaning(node.value, scope, depth)
        if isinstance(node, ast.IfExp):
            return self.meaning(node.body, scope, depth) or self.meaning(node.orelse, scope, depth)
        if isinstance(node, ast.BoolOp):
            found = (self.meaning(value, scope, depth) for value in node.values)
            return next((each for each in found if each is not None and each.name != "builtins.NoneType"), None)
        if isinstance(node, ast.BinOp):
            left = self.meaning(node.left, scope, depth)
            return left if left is not None and left.instance and closed_under(left.name, node.op) else None
        if isinstance(node, ast.Lambda):
            return self.lambda_meaning(node)
        return None

    def lambda_meaning(self, node: ast.Lambda) -> Meaning | None:
        """What a lambda expression stands for: itself."""
        if not self._lambdas:
            self._lambdas.update((each.node, each) for each in self._found.scopes if each.kind == "lambda")
        scope = self._lambdas.get(node)
        return None if scope is None else Meaning(scope.name, scope=scope, local=True)

    def name(self, name: str, scope: Scope, line: int, depth: int = DEPTH) -> Meaning | None:
        """What a bare name stands for at a line."""
        holder = self._holder(name, scope)
        if holder is None:
            return self._unbound(name)
        meanings = self._bound(name, holder, depth)
        if len(meanings) < 2:
            return meanings[0][2] if meanings else None
        before = [each for each in meanings if each[0] <= line] if holder is scope.function else list(meanings)
        chosen = before or meanings
        imports = [each for each in chosen if each[1]]
        pool = imports or chosen
        return pool[-1][2] if pool else None

    def over_time(self, name: str, holder: Scope) -> tuple[tuple[int, bool, Meaning], ...]:
        """What a name of a scope stands for: line from which, whether it is an import, and what; by line."""
        self._steps = 0
        return self._bound(name, holder, DEPTH)

    def holder(self, name: str, scope: Scope) -> Scope | None:
        """The scope that a name belongs to, None when it is a builtin or not known."""
        return self._holder(name, scope)

    def _holder(self, name: str, scope: Scope) -> Scope | None:
        current: Scope | None = scope
        first = True
        while current is not None:
            way = current.redirected.get(name) if current.redirected else None
            if way == "global":
                return self._found.module if name in self._found.module.bindings else None
            if name in current.bindings and way is None and (first or current.kind != "class"):
                return current
            first = first and current.kind == "comprehension"
            current = current.parent
        return None

    def _unbound(self, name: str) -> Meaning | None:
        for module in self._found.module.stars:
            starred = f"{module}.{name}"
            if self._catalogue.find(starred) is not None or self._catalogue.returned_by(starred) not in (None, starred):
                return Meaning(self._catalogue.canonical(starred))
        return Meaning(f"builtins.{name}") if name in _BUILTINS else None

    def _bound(self, name: str, holder: Scope, depth: int) -> tuple[tuple[int, bool, Meaning], ...]:
        key = (holder, name)
        if key in self._memo:
            return self._memo[key]
        if key in self._open:
            self._cuts += 1
            return ()
        bindings = [*holder.bindings[name], *self._found.shared.get(key, ())]
        if all(binding.payload is None for binding in bindings):
            self._memo[key] = ()
            return ()
        cuts = self._cuts
        self._open.add(key)
        try:
            found = tuple(self._each(bindings, holder, depth - 1))
        finally:
            self._open.discard(key)
        if cuts == self._cuts or not self._open:
            self._memo[key] = found
        return found

    def _each(self, bindings: list[Binding], scope: Scope, depth: int) -> Iterator[tuple[int, bool, Meaning]]:
        for binding in sorted(bindings, key=_line_of) if len(bindings) > 1 else bindings:
            meaning = self._binding(binding, binding.scope or scope, depth)
            if meaning is not None and meaning.name != "builtins.NoneType":
                yield binding.line, binding.how is _IMPORT, meaning

    def _binding(self, binding: Binding, scope: Scope, depth: int) -> Meaning | None:
        payload = binding.payload
        if isinstance(payload, str):
            name = payload.lstrip(".")
            dots = payload[: len(payload) - len(name)]
            return _new(Meaning, (self._catalogue.canonical(name), False, None, bool(dots), dots))
        if isinstance(payload, Scope):
            return _new(Meaning, (payload.name, binding.how is _SELF, payload, True, ""))
        if payload is None:
            return None
        if binding.how is _ANNOTATION:
            return self.annotated(payload, scope, depth)
        meaning = self.meaning(payload, scope, depth)
        return self._entered(meaning, depth) if binding.how is Bound.WITH and meaning is not None else meaning

    def _entered(self, meaning: Meaning, depth: int) -> Meaning:
        """What entering an object gives: of a class of the program what its `__enter__` says, else the object."""
        if meaning.scope is None or meaning.scope.kind != "class" or not meaning.instance:
            return meaning
        enter = self._member(meaning, meaning.scope, "__enter__", depth - 1)
        given = None if enter is None or enter.scope is None else self._returned(enter.scope, depth - 1)
        return given or meaning

    def annotated(self, node: ast.expr, scope: Scope, depth: int = DEPTH) -> Meaning | None:
        """An instance of what an annotation names."""
        if depth <= 0:
            return None
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self._quoted(node, scope, depth)
        if isinstance(node, ast.BinOp):
            left = self.annotated(node.left, scope, depth - 1)
            return left or self.annotated(node.right, scope, depth - 1)
        if isinstance(node, ast.Subscript):
            head = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if head == "Union" and isinstance(node.slice, ast.Tuple):
                parts = (self.annotated(part, scope, depth - 1) for part in node.slice.elts)
                return next((part for part in parts if part is not None), None)
            if head not in _WRAPPERS and head != "Union":
                return self.annotated(node.value, scope, depth - 1)
            inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
            return self.annotated(inner, scope, depth - 1)
        if not isinstance(node, ast.Name | ast.Attribute):
            return None
        named = self.meaning(node, scope, depth - 1)
        if named is None or named.instance:
            return None
        return named._replace(instance=True)

    def _quoted(self, node: ast.Constant, scope: Scope, depth: int) -> Meaning | None:
        text = node.value
        if not isinstance(text, str) or len(text) > 200 or "\0" in text:
            return None
        if text.isidentifier():
            named = self.name(text, scope, node.lineno, depth - 1)
            return None if named is None or named.instance else named._replace(instance=True)
        try:
            inner = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        for part in ast.walk(inner):
            if isinstance(part, ast.expr):
                part.lineno = node.lineno
        return self.annotated(inner, scope, depth - 1)

    def _attribute(self, owner: Meaning, name: str, depth: int) -> Meaning | None:
        if owner.scope is not None and owner.scope.kind == "class":
            key = (owner.scope, owner.instance, name)
            if key not in self._members:
                cuts = self._cuts
                member = self._member(owner, owner.scope, name, depth) or owner.attribute(name)
                if cuts != self._cuts:
                    return member
                self._members[key] = member
            return self._members[key]
        if owner.instance and owner.name == "pathlib.Path" and name in ("parent", "parents"):
            return owner
        if owner.local:
            return owner.attribute(name)
        known = self._catalogue.canonical(f"{owner.name}.{name}")
        given = GIVEN.get(known) or (GIVEN.get(owner.name) if owner.instance else None)
        if given is not None and self._catalogue.find(known) is None and name[:1] != "_":
            return Meaning(given, instance=True)
        return _new(Meaning, (known, False, None, False, ""))

    def attribute(self, owner: Meaning, name: str) -> Meaning | None:
        """What an attribute of something stands for."""
        self._steps = 0
        return self._attribute(owner, name, DEPTH)

    def _member(self, owner: Meaning, klass: Scope, name: str, depth: int) -> Meaning | None:
        if depth <= 0:
            return None
        for binding in klass.bindings.get(name, ()):
            if isinstance(binding.payload, Scope):
                return self._method(binding.payload, klass, depth)
        own = [*klass.attributes.get(name, ()), *klass.bindings.get(name, ())]
        found = [meaning for _, _, meaning in self._attribute_values(own, klass, name, depth)]
        if found:
            return found[0]
        return None if own else self._inherited(owner, klass, name, depth)

    def _attribute_values(
        self, bindings: list[Binding], klass: Scope, name: str, depth: int
    ) -> list[tuple[int, bool, Meaning]]:
        key = (klass, f".{name}")
        if key in self._open:
            return []
        self._open.add(key)
        try:
            values: list[tuple[int, bool, Meaning]] = []
            for binding in bindings:
                values.extend(self._each([binding], binding.scope or klass, depth - 1))
            return values
        finally:
            self._open.discard(key)

    def _method(self, method: Scope, klass: Scope, depth: int) -> Meaning | None:
        if is_property(method):
            return self._returned(method, depth)
        return Meaning(f"{klass.name}.{_tail(method)}", scope=method, local=True)

    def property_of(self, klass: Scope, name: str) -> Meaning | None:
        """The property of a class that has this name, None when there is none."""
        for binding in klass.bindings.get(name, ()):
            if isinstance(binding.payload, Scope) and is_property(binding.payload):
                return Meaning(f"{klass.name}.{name}", scope=binding.payload, local=True)
        return None

    def _inherited(self, owner: Meaning, klass: Scope, name: str, depth: int) -> Meaning | None:
        nearest: Meaning | None = None
        bases = getattr(klass.node, "bases", [])
        for base in bases:
            parent = self.meaning(base, klass.parent or klass, depth - 1)
            if parent is None or parent.name == "builtins.object":
                continue
            if parent.scope is None:
                if nearest is None and base is not bases[-1] and self._is_elsewhere(parent, name):
                    return None  # which of them has it can be told where all files are known
                return nearest or self._attribute(parent._replace(instance=True), name, depth)
            found = None if parent.scope is klass else self._member(owner, parent.scope, name, depth - 1)
            if found is not None and (nearest is None or self._overrides(found, nearest, depth)):
                nearest = found
        return nearest

    def _is_elsewhere(self, klass: Meaning, name: str) -> bool:
        """Whether a class of another file may be one of the program: nothing is known of it as a library's."""
        return self._catalogue.find(self._catalogue.canonical(f"{klass.name}.{name}")) is None

    def _overrides(self, method: Meaning, other: Meaning, depth: int) -> bool:
        """Whether a method of one base comes before that of another, which both bases share."""
        if method.scope is None or other.scope is None or method.scope is other.scope:
            return False
        pending, above = [method.scope.parent], other.scope.parent
        while pending and depth > 0:
            klass = pending.pop()
            depth -= 1
            if klass is None or klass.kind != "class":
                continue
            if klass is above:
                return True
            bases = (self.meaning(base, klass.parent or klass, depth) for base in getattr(klass.node, "bases", []))
            pending += [base.scope for base in bases if base is not None and base.scope is not None]
        return False

    def _called(self, node: ast.Call, scope: Scope, depth: int) -> Meaning | None:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args:
            return self._super(scope, depth)
        function = self.meaning(node.func, scope, depth - 1)
        if function is None or (function.instance and (function.local or function.scope is not None)):
            return None
        if function.instance:
            given = self._catalogue.returned_by(f"{function.name}.__call__")
            return None if given is None else Meaning(given, instance=True)
        if function.scope is not None:
            if function.scope.kind == "class":
                return Meaning(function.name, instance=True, scope=function.scope, local=True)
            return self._returned(function.scope, depth)
        if function.name in _ITSELF and node.args:
            return self.meaning(node.args[-1 if function.name == "typing.cast" else 0], scope, depth - 1)
        if function.name.startswith("builtins.") and function.name.removeprefix("builtins.") in _TYPES:
            return Meaning(function.name, instance=True)
        returned = self._catalogue.returned_by(function.name)
        if returned is not None:
            return Meaning(returned, instance=True, local=function.local, dots=function.dots)
        if self._symbolic and not function.name.startswith("builtins."):
            return Meaning(f"{function.name}()", instance=True, local=function.local, dots=function.dots)
        return None

    def returned(self, function: Scope) -> Meaning | None:
        """An instance of what a call of a function of this file gives, None when it cannot be told."""
        self._steps = 0
        return self._returned(function, DEPTH)

    def _returned(self, function: Scope, depth: int) -> Meaning | None:
        returns = getattr(function.node, "returns", None)
        if returns is not None:
            return self.annotated(returns, function.parent or function, depth - 1)
        if (
            not function.returns
            or function.yields
            or function.node.__class__ not in (ast.FunctionDef, ast.AsyncFunctionDef)
        ):
            return None
        key = (function, "()")
        if key in self._open:
            return None
        self._open.add(key)
        try:
            found = [self.meaning(value, function, depth - 1) for value in function.returns[:4]]
        finally:
            self._open.discard(key)
        known = [each for each in found if each is not None and each.name != "builtins.NoneType"]
        return known[0] if known and known[0].instance and all(each == known[0] for each in known) else None

    def _super(self, scope: Scope, depth: int) -> Meaning | None:
        current: Scope | None = scope
        while current is not None and current.kind != "class":
            current = current.parent
        for base in getattr(current.node, "bases", []) if current is not None else []:
            parent = self.meaning(base, (current.parent if current else None) or scope, depth - 1)
            if parent is not None:
                return parent._replace(instance=True)
        return None


def _line_of(binding: Binding) -> int:
    return binding.line


def is_property(method: Scope) -> bool:
    """Whether reading an attribute runs a function."""
    marks = getattr(method.node, "decorator_list", [])
    return bool(marks) and any(
        getattr(mark, "id", getattr(mark, "attr", "")) in ("property", "cached_property") for mark in marks
    )


def _tail(scope: Scope) -> str:
    return scope.name.rpartition(".")[2]


_TYPES = frozenset({"str", "bytes", "bytearray", "int", "float", "list", "dict", "set", "frozenset", "tuple", "bool"})
