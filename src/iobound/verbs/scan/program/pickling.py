"""Whether `pickle` takes an expression's value, as far as the source tells; what it refuses is a `Flaw`.

Source:
    `pickle` in the standard library: functions and classes are pickled by qualified name, instances by the state of
    their `__dict__` unless a class has `__reduce__`, `__reduce_ex__` or `__getstate__`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from iobound.verbs.scan.catalogue.processes import HANDED_OVER, OBJECTS, PRIMITIVES, UNPICKLABLE
from iobound.verbs.scan.program.definitions import is_local, is_method, lineage, pickles_itself, unwrapping_decorator
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.syntax.names import Meaning, spelled
from iobound.verbs.scan.syntax.survey import Binding, Bound, Scope

DEPTH = 8
"""Expressions behind one another that are looked at."""


class Flaw(NamedTuple):
    """Why a value cannot be pickled.

    Attributes:
        kind: `lambda`, `nested`, `decorated`, `generator`, `type`, `primitive`, `local class`, `factory`, `instance` or
            `bound`; the last is none by itself: `pickle` takes a method with everything that its object holds.
        what: The value, for people, without an article.
        node: The part of the expression that is at fault.
        owner: Of an `instance` or `bound`: its class.
        inside: Of an `instance` or `bound`: what the class holds that is at fault, and in which attribute.
    """

    kind: str
    what: str
    node: ast.expr
    owner: Scope | None = None
    attribute: str = ""
    inside: Flaw | None = None


class Flaws:
    """Looks for flaws in one file."""

    def __init__(self, view: FileView) -> None:
        self._view = view
        self._names = view.names
        self._classes: dict[Scope, tuple[str, Flaw] | None] = {}
        self._comprehensions: dict[ast.AST, Scope] | None = None

    def of(self, node: ast.expr, scope: Scope, depth: int = DEPTH) -> Flaw | None:
        """The flaw of an expression's value, None when it has none or cannot be told."""
        if depth <= 0:
            return None
        if isinstance(node, ast.Lambda):
            return Flaw("lambda", "lambda", node)
        if isinstance(node, ast.GeneratorExp):
            return Flaw("generator", "generator expression", node)
        if isinstance(node, ast.Name):
            return self._name(node, scope, depth)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, scope, depth)
        if isinstance(node, ast.Call):
            return self._call(node, scope, depth)
        return self._parts(node, scope, depth)

    def elements(self, node: ast.expr, scope: Scope, depth: int = DEPTH) -> Flaw | None:
        """The flaw of an element of an iterable."""
        if depth <= 0:
            return None
        if isinstance(node, ast.Name):
            behind = self._behind(node, scope)
            if behind is None or not isinstance(behind.payload, ast.expr) or behind.how is not Bound.VALUE:
                return None
            assert behind.scope is not None
            return self.elements(behind.payload, behind.scope, depth - 1) or self._appended(node, behind.scope, depth)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            return self.of(node.elt, self._inside(node, scope), depth - 1)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Add):
            left = self.elements(node.left, scope, depth - 1)
            return left or self.elements(node.right, scope, depth - 1)
        if isinstance(node, ast.Call):
            callee = node.func
            name = getattr(callee, "attr", getattr(callee, "id", ""))
            if name == "repeat" and node.args:
                return self.of(node.args[0], scope, depth - 1)
            if name in _THROUGH:
                return self._first(self.elements(each, scope, depth - 1) for each in node.args)
            return None
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return self._parts(node, scope, depth)
        return None

    def _appended(self, name: ast.Name, scope: Scope, depth: int) -> Flaw | None:
        """What a loop puts into a list that begins empty."""
        if depth < DEPTH:
            return None
        for call, context in zip(self._view.found.calls, self._view.found.contexts, strict=True):
            func = call.func
            if (
                isinstance(func, ast.Attribute)
                and func.attr == "append"
                and isinstance(func.value, ast.Name)
                and func.value.id == name.id
                and context.scope.function is scope
                and call.args
            ):
                found = self.of(call.args[0], context.scope, depth - 1)
                if found is not None:
                    return found
        return None

    def _parts(self, node: ast.expr, scope: Scope, depth: int) -> Flaw | None:
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return self._first(self.of(each, scope, depth - 1) for each in node.elts)
        if isinstance(node, ast.Dict):
            parts = [each for each in (*node.keys, *node.values) if each is not None]
            return self._first(self.of(each, scope, depth - 1) for each in parts)
        if isinstance(node, ast.ListComp | ast.SetComp):
            return self.of(node.elt, self._inside(node, scope), depth - 1)
        if isinstance(node, ast.DictComp):
            return self.of(node.value, self._inside(node, scope), depth - 1)
        if isinstance(node, ast.IfExp):
            return self.of(node.body, scope, depth - 1) or self.of(node.orelse, scope, depth - 1)
        if isinstance(node, ast.Starred | ast.NamedExpr):
            return self.of(node.value, scope, depth - 1)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            return self.of(node.left, scope, depth - 1)
        return None

    @staticmethod
    def _first(flaws: Iterator[Flaw | None]) -> Flaw | None:
        return next((each for each in flaws if each is not None), None)

    def _inside(self, node: ast.expr, scope: Scope) -> Scope:
        """The scope of a comprehension."""
        if self._comprehensions is None:
            self._comprehensions = {each.node: each for each in self._view.found.scopes if each.kind == "comprehension"}
        return self._comprehensions.get(node, scope)

    # Names

    def _behind(self, node: ast.Name, scope: Scope) -> Binding | None:
        """The binding that a name has where it stands, with the scope in which its value was worked out."""
        holder = self._names.holder(node.id, scope)
        if holder is None:
            return None
        bindings = sorted(holder.bindings[node.id], key=lambda each: each.line)
        here = [each for each in bindings if each.line <= node.lineno] if holder is scope.function else bindings
        chosen = (here or bindings)[-1]
        return chosen._replace(scope=chosen.scope or holder)

    def _name(self, node: ast.Name, scope: Scope, depth: int) -> Flaw | None:
        binding = self._behind(node, scope)
        if binding is None:
            return None
        payload = binding.payload
        if isinstance(payload, Scope):
            if binding.how is Bound.SELF:
                return self._instance(payload, node)
            return self.definition(payload, node)
        if isinstance(payload, str):
            if "." not in payload and binding.how is Bound.IMPORT:
                return Flaw("type", f"module `{payload}`", node)
            return self._known(self._names.meaning(node, scope), node)
        if payload is None:
            return None
        assert binding.scope is not None
        if binding.how is Bound.VALUE:
            found = self.of(payload, binding.scope, depth - 1)
            return None if found is None else found._replace(node=node)
        if binding.how is Bound.WITH and isinstance(payload, ast.Call):
            return self._known(self._names.meaning(payload, binding.scope), node)
        return self._known(self._names.annotated(payload, binding.scope), node)

    def definition(self, scope: Scope, node: ast.expr) -> Flaw | None:
        """The flaw of a function or class that is named."""
        name = scope.name.replace(".<locals>", "")
        if is_local(self._view, scope):
            return Flaw("nested" if scope.kind == "function" else "local class", f"`{name}`", node, scope)
        if scope.kind == "function":
            decorator = unwrapping_decorator(self._view, scope)
            if decorator:
                return Flaw("decorated", f"`{name}`", node, scope, decorator.replace(".<locals>", ""))
        return None

    # Attributes

    def _attribute(self, node: ast.Attribute, scope: Scope, depth: int) -> Flaw | None:
        owner = self._names.meaning(node.value, scope)
        if owner is None:
            return None
        if owner.scope is not None and owner.scope.kind == "class":
            return self._member(owner, node, depth)
        if owner.local or owner.dots:
            return None
        if owner.instance and self._view.catalogue.find(f"{owner.name}.{node.attr}") is not None:
            return self._known(owner, node)  # a method is pickled with its object
        return self._known(self._names.meaning(node, scope), node)

    def _member(self, owner: Meaning, node: ast.Attribute, depth: int) -> Flaw | None:
        assert owner.scope is not None
        for klass in lineage(self._view, owner.scope):
            for binding in klass.bindings.get(node.attr, ()):
                if isinstance(binding.payload, Scope):
                    return self._method(owner, binding.payload, node)
            own = [*klass.attributes.get(node.attr, ()), *klass.bindings.get(node.attr, ())]
            for binding in own:
                found = self._bound(binding, klass, depth)
                if found is not None:
                    return found._replace(node=node)
            if own:
                return None
        return None

    def _method(self, owner: Meaning, method: Scope, node: ast.Attribute) -> Flaw | None:
        assert owner.scope is not None
        if method.kind != "function":
            return None
        if not {"property", "cached_property"}.isdisjoint(_decorators(method)):
            return self._known(self._names.returned(method), node)
        if not is_method(method) or not owner.instance:
            return self.definition(owner.scope, node) if is_local(self._view, owner.scope) else None
        flaw = self._instance(owner.scope, node)
        if flaw is not None and flaw.kind == "local class":
            return flaw
        return Flaw(
            "bound",
            f"`{owner.scope.name.replace('.<locals>', '')}.{node.attr}`",
            node,
            owner.scope,
            "" if flaw is None else flaw.attribute,
            None if flaw is None else flaw.inside,
        )

    def _bound(self, binding: Binding, klass: Scope, depth: int) -> Flaw | None:
        scope = binding.scope or klass
        if not isinstance(binding.payload, ast.expr):
            return None
        if binding.how is Bound.ANNOTATION:
            return self._known(self._names.annotated(binding.payload, scope), binding.payload)
        return self.of(binding.payload, scope, depth - 1)

    # Instances

    def _instance(self, klass: Scope, node: ast.expr) -> Flaw | None:
        name = klass.name.replace(".<locals>", "")
        if is_local(self._view, klass) and not pickles_itself(self._view, klass):
            return Flaw("local class", f"instance of `{name}`", node, klass)
        held = self.held(klass)
        if held is None:
            return None
        attribute, inside = held
        return Flaw("instance", f"instance of `{name}`", node, klass, attribute, inside)

    def held(self, klass: Scope) -> tuple[str, Flaw] | None:
        """An attribute of a class's instances that `pickle` refuses, and why; None when none is known."""
        if klass not in self._classes:
            self._classes[klass] = None  # what holds itself does no harm
            if not pickles_itself(self._view, klass):
                self._classes[klass] = self._held(klass)
        return self._classes[klass]

    def _held(self, klass: Scope) -> tuple[str, Flaw] | None:
        for each in lineage(self._view, klass):
            tables = [each.attributes]
            if any("dataclass" in mark for mark in _decorators(each)):
                tables.append(each.bindings)
            for table in tables:
                for name, bindings in table.items():
                    for binding in bindings:
                        found = self._bound(binding, each, DEPTH - 2)
                        if found is not None and (found.kind != "bound" or found.inside is not None):
                            return name, found
        return None

    def _known(self, meaning: Meaning | None, node: ast.expr) -> Flaw | None:
        """What is known of an instance by its type."""
        if meaning is None:
            return None
        if meaning.scope is not None:
            return self._instance(meaning.scope, node) if meaning.instance and meaning.scope.kind == "class" else None
        if meaning.local or meaning.dots:
            return None
        name = meaning.name
        if name in HANDED_OVER:
            return None
        if not meaning.instance:
            return Flaw("type", f"`{name}`, {OBJECTS[name]}", node) if name in OBJECTS else None
        if name in PRIMITIVES:
            return Flaw("primitive", f"`{name}`", node)
        facts = self._view.catalogue.type_facts(name)
        if name in UNPICKLABLE or (facts is not None and facts.picklable is False):
            return Flaw("type", _TELLING.get(name, f"`{name}`"), node)
        return None

    # Calls

    def _call(self, node: ast.Call, scope: Scope, depth: int) -> Flaw | None:
        callee = self._names.meaning(node.func, scope)
        if callee is not None and callee.scope is None and not callee.local:
            if callee.name == "functools.partial":
                parts = [*node.args, *(word.value for word in node.keywords)]
                return self._first(self.of(each, scope, depth - 1) for each in parts)
            if callee.name == "collections.defaultdict" and node.args:
                factory = self.of(node.args[0], scope, depth - 1)
                return None if factory is None else Flaw("factory", f"defaultdict with a {factory.kind} factory", node)
        if callee is not None and callee.scope is not None and not callee.instance:
            if callee.scope.kind == "function":
                return self._given(callee.scope, node)
            return self._instance(callee.scope, node)
        if isinstance(node.func, ast.Name) and self._is_local_tuple(node.func, scope):
            return Flaw("local class", f"instance of `{node.func.id}`", node)
        if _is_dict_view(node) and isinstance(node.func, ast.Attribute):
            holder = self._names.meaning(node.func.value, scope)
            if holder is not None and holder.instance and holder.name == "builtins.dict":
                return Flaw("generator", f"dict view `{spelled(node.func)}()`", node)
        return self._known(self._names.meaning(node, scope), node)

    def _given(self, function: Scope, node: ast.Call) -> Flaw | None:
        if not getattr(function.node, "decorator_list", True):
            if function.yields and isinstance(function.node, ast.FunctionDef):
                return Flaw("generator", f"generator of `{function.name.replace('.<locals>', '')}`", node)
            if isinstance(function.node, ast.AsyncFunctionDef):
                kind = "asynchronous generator" if function.yields else "coroutine"
                return Flaw("generator", f"{kind} of `{function.name.replace('.<locals>', '')}`", node)
        returned = self._names.returned(function)
        return self._known(returned, node)

    def _is_local_tuple(self, node: ast.Name, scope: Scope) -> bool:
        binding = self._behind(node, scope)
        if binding is None or binding.scope is None or not isinstance(binding.payload, ast.Call):
            return False
        if binding.scope.function.kind not in ("function", "lambda"):
            return False
        maker = self._names.meaning(binding.payload.func, binding.scope)
        return maker is not None and maker.name in ("collections.namedtuple", "dataclasses.make_dataclass")


_THROUGH = frozenset("zip enumerate list tuple sorted reversed chain product iter tqdm".split())
_TELLING = {
    "io.IOBase": "open file",
    "re.Match": "`re.Match`",
    "hashlib.HASH": "hash object of `hashlib`",
    "boto3.client": "boto3 client",
    "boto3.resource": "boto3 resource",
    "dbapi.Connection": "database connection",
    "dbapi.Cursor": "database cursor",
}


def _is_dict_view(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr in ("keys", "values", "items") and not node.args


def _decorators(scope: Scope) -> list[str]:
    found = []
    for mark in getattr(scope.node, "decorator_list", ()):
        target = mark.func if isinstance(mark, ast.Call) else mark
        found.append(getattr(target, "attr", getattr(target, "id", "")))
    return found
