"""The call at a place: which expression an interpreter is in, and what it calls."""

from __future__ import annotations

import ast
from typing import NamedTuple

from iobound.model.recording import Place
from iobound.model.source_facts import CallFact
from iobound.verbs.scan.catalogue.entries import Entry
from iobound.verbs.scan.catalogue.leaves import leaf_at
from iobound.verbs.scan.catalogue.lookup import Catalogue
from iobound.verbs.scan.syntax.names import Meaning, Names, spelled
from iobound.verbs.scan.syntax.sources import Source, position_of, shorten
from iobound.verbs.scan.syntax.survey import Position, Scope, Survey

NAME_LIMIT = 200


class Spot(NamedTuple):
    """The node of a place, and the method that the interpreter calls on it when it is no call itself."""

    node: ast.expr
    scope: Scope
    method: str = ""


class Calls:
    """Finds and describes the calls of one file."""

    def __init__(self, source: Source, found: Survey, names: Names, catalogue: Catalogue) -> None:
        self._source = source
        self._found = found
        self._names = names
        self._catalogue = catalogue
        self._called: set[ast.expr] | None = None
        self._ending: dict[tuple[int, int], list[ast.Call]] | None = None

    def fact(self, place: Place, scope: Scope) -> CallFact | None:
        """What is called at a place, None when it is no call or cannot be found."""
        node = self._found.at.get(position(place)) if place.column >= 0 and place.end_column >= 0 else None
        if isinstance(node, ast.Import | ast.ImportFrom):
            return CallFact("builtins.__import__", self._source.slice(node))
        spot = self.spot(place, scope)
        loop = self._found.maps.get(position(place))
        if loop is not None and spot is not None and isinstance(loop.elt, ast.Call):
            fact = self._describe(Spot(loop.elt, spot.scope), place)
            return fact and fact._replace(text=shorten(ast.unparse(loop.elt)))
        return None if spot is None else self._describe(spot, place)

    def spot(self, place: Place, scope: Scope) -> Spot | None:
        """The expression whose call an interpreter at this place is in."""
        if place.column < 0 or place.end_column < 0:
            return self._alone_on(place.line, scope)
        at = position(place)
        node = self._found.at.get(at)
        if node is None:
            return self._chained(at)
        return self._inside(node, self._found.around[node])

    def _inside(self, node: ast.AST, scope: Scope) -> Spot | None:
        """3.11 gives the whole statement for what `for` and `with` call; later versions give the expression."""
        if isinstance(node, ast.Call):
            return Spot(node, scope)
        if isinstance(node, ast.Await | ast.YieldFrom):
            return Spot(node.value, scope) if isinstance(node.value, ast.Call) else None
        if isinstance(node, ast.For | ast.AsyncFor):
            return Spot(node.iter, scope, "" if isinstance(node.iter, ast.Call) else "__next__")
        if isinstance(node, ast.With | ast.AsyncWith):
            contexts = [item.context_expr for item in node.items]
            called = next((each for each in contexts if isinstance(each, ast.Call)), contexts[0])
            return Spot(called, scope, "" if isinstance(called, ast.Call) else "__enter__")
        return self._operand(node, scope)

    def _callees(self) -> set[ast.expr]:
        if self._called is None:
            self._called = {call.func for call in self._found.calls}
        return self._called

    def _operand(self, node: ast.AST, scope: Scope) -> Spot | None:
        if not isinstance(node, ast.expr) or node in self._callees():
            return None
        role = self._found.roles.get(node)
        if role is not None:
            return Spot(node, scope, role)
        if isinstance(node, ast.Subscript):
            return Spot(node.value, scope, "__getitem__")
        return Spot(node.value, scope, node.attr) if isinstance(node, ast.Attribute) else None

    def _chained(self, at: Position) -> Spot | None:
        """A call of a method that stands on a later line than its receiver begins at the method's name."""
        if self._ending is None:
            self._ending = {}
            for call in self._found.calls:
                self._ending.setdefault(position_of(call)[2:], []).append(call)
        for call in self._ending.get(at[2:], ()):
            begins_later = position_of(call)[:2] < at[:2] and position_of(call.func)[2] == at[0]
            if begins_later and isinstance(call.func, ast.Attribute):
                return Spot(call, self._found.around[call])
        return None

    def _alone_on(self, line: int, scope: Scope) -> Spot | None:
        function = scope.function
        calls = [
            call
            for call in self._found.calls
            if call.lineno <= line <= (call.end_lineno or call.lineno) and self._found.around[call].function is function
        ]
        here = [call for call in calls if call.lineno == line] or calls
        if not here:
            return None
        outermost = min(here, key=lambda call: (position_of(call)[:2], [-part for part in position_of(call)[2:]]))
        return Spot(outermost, self._found.around[outermost])

    def _describe(self, spot: Spot, place: Place) -> CallFact | None:
        callee = spot.node.func if isinstance(spot.node, ast.Call) else spot.node
        spelling = f"{spelled(callee)}.{spot.method}" if spot.method else spelled(callee)
        text = self._source.slice(spot.node)
        awaited = spot.node in self._found.awaited
        leaf = leaf_at(place.file, place.function, spelling)
        if leaf is not None:
            return CallFact(leaf.name, text, awaited, leaf.category, gil="releases")
        meaning = self.callee(spot)
        if spot.method and meaning is None:
            return None
        entry = self.entry(meaning)
        return CallFact(
            name=shorten(meaning.name if meaning is not None else spelling, NAME_LIMIT),
            text=text,
            awaited=awaited,
            category=entry.category if entry else None,
            gil=entry.gil if entry else None,
        )

    def callee(self, spot: Spot) -> Meaning | None:
        """What is called at a spot, None when that cannot be told."""
        callee = spot.node.func if isinstance(spot.node, ast.Call) else spot.node
        meaning = self._names.meaning(callee, spot.scope)
        if meaning is None:
            return None
        if spot.method == "__call__" and not meaning.instance:
            return meaning
        if spot.method:
            return self._implied(meaning, spot.method)
        if isinstance(spot.node, ast.Call) and meaning.instance:
            return meaning.attribute("__call__")
        return meaning

    def _implied(self, meaning: Meaning, method: str) -> Meaning | None:
        """A method that is called without parentheses: by a statement, or because it is a property."""
        if not meaning.instance or meaning.name.startswith("builtins."):
            return None  # what lives in memory
        if meaning.scope is not None and not method.startswith("__"):
            return self._names.property_of(meaning.scope, method)
        return meaning.attribute(method)

    def entry(self, meaning: Meaning | None) -> Entry | None:
        """What the catalogue says of a callee."""
        if meaning is None or meaning.local or meaning.instance:
            return None
        if meaning.name.endswith(".__enter__"):
            acquire = self._catalogue.find(meaning.name.removesuffix("__enter__") + "acquire")
            return acquire or self._catalogue.find(meaning.name)
        return self._catalogue.find(meaning.name)


def position(place: Place) -> Position:
    """The place's range as `Survey.at` has it."""
    return place.line, place.column, place.end_line or place.line, place.end_column
