"""The loops around a place: what they iterate over, how often, and whether their iterations need one another."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from iobound.model.source_facts import LoopFact
from iobound.verbs.scan.catalogue.lookup import Catalogue
from iobound.verbs.scan.loop.independence import Judge
from iobound.verbs.scan.loop.setting import setting_of
from iobound.verbs.scan.syntax.mapped import MapLoop
from iobound.verbs.scan.syntax.names import Names
from iobound.verbs.scan.syntax.sources import Source, position_of, shorten
from iobound.verbs.scan.syntax.survey import Bound, ComprehensionNode, LoopNode, Scope, Survey

if TYPE_CHECKING:
    from iobound.model.recording import Place

LINES_SHOWN = 12
_TRANSPARENT = frozenset({"enumerate", "reversed", "sorted", "list", "tuple", "tqdm"})
_GROWING = frozenset({"append", "extend", "insert", "pop", "remove", "clear"})


class Parsed(NamedTuple):
    """A file, or a part of one, with what its names mean."""

    source: Source
    found: Survey
    names: Names


class Loops:
    """Finds and describes the loops of one file."""

    def __init__(self, file: str, part: Parsed, catalogue: Catalogue) -> None:
        self._file = file
        self._part = part
        self._judge = Judge(part.found, part.names, catalogue)

    def around(self, place: Place, scope: Scope) -> list[LoopNode]:
        """Loops of the place's function that run it again and again, outermost first."""
        inside = [loop for loop in scope.function.loops if _repeats(loop, place)]
        return sorted(inside, key=lambda loop: (position_of(loop)[:2], [-part for part in position_of(loop)[2:]]))

    def fact(self, loop: LoopNode, function: Scope) -> LoopFact:
        """Everything that the source says of a loop."""
        line, column, end_line, _ = position_of(loop)
        verdict = self._judge.verdict(loop, function)
        return LoopFact(
            file=self._file,
            function=function.name,
            line=line,
            end_line=end_line,
            column=column,
            kind=_kind(loop),
            target=self._target(loop),
            iterable=self._iterable(loop),
            independent=verdict.independent,
            obstacles=verdict.obstacles,
            source=self._text(loop),
            trip_count=self._trips(loop, function),
            throttled=verdict.throttled,
            grows=verdict.grows,
            ordered=verdict.ordered,
            **setting_of(loop, function, self._part.found, self._part.names)._asdict(),
        )

    def _target(self, loop: LoopNode) -> str:
        if isinstance(loop, ast.While):
            return ""
        if isinstance(loop, ast.For | ast.AsyncFor):
            return self._part.source.slice(loop.target)
        if isinstance(loop, MapLoop):
            return ast.unparse(loop.generators[0].target).strip("()")
        targets = [self._part.source.slice(generator.target) for generator in loop.generators]
        return targets[0] if len(targets) == 1 else ", ".join(targets)

    def _iterable(self, loop: LoopNode) -> str:
        if isinstance(loop, ast.While):
            return self._part.source.slice(loop.test)
        if isinstance(loop, ast.For | ast.AsyncFor):
            return self._part.source.slice(loop.iter)
        if isinstance(loop, MapLoop):
            return shorten(ast.unparse(loop.generators[0].iter))
        return self._generated(loop)

    def _generated(self, loop: ComprehensionNode) -> str:
        """What a comprehension runs over, as one expression: filters and inner loops belong to it."""
        first = loop.generators[0]
        filters = [test for generator in loop.generators for test in generator.ifs]
        calls = any(isinstance(node, ast.Call) for test in filters for node in ast.walk(test))
        if len(loop.generators) == 1 and (not filters or calls):
            return self._part.source.slice(first.iter)
        line, column, _, _ = position_of(first.target)
        _, _, end_line, end_column = position_of(loop)
        closing = 0 if isinstance(loop, ast.GeneratorExp) and not self._is_bracketed(loop) else 1
        rest = self._part.source.between((line, column, end_line, end_column - closing))
        target = self._target(loop)
        pair = f"({target})" if len(loop.generators) > 1 else target
        is_async = "async " if first.is_async else ""
        return shorten(f"({pair} {is_async}for {rest.strip()})")

    def _is_bracketed(self, loop: ast.GeneratorExp) -> bool:
        return self._part.source.between(position_of(loop)).startswith("(")

    def _text(self, loop: LoopNode) -> str:
        """The loop as written; a comprehension with the whole of its lines."""
        from textwrap import dedent  # slow to import, and most places are in no loop

        line, _, end_line, _ = position_of(loop)
        rows = list(self._part.source.lines[line - 1 : min(end_line, line - 1 + LINES_SHOWN)])
        text = dedent("\n".join(row.rstrip()[:400] for row in rows))
        if end_line - line + 1 > LINES_SHOWN:
            kept = text.split("\n")[: LINES_SHOWN - 1]
            indent = kept[-1][: len(kept[-1]) - len(kept[-1].lstrip())] if kept else ""
            text = "\n".join([*kept, f"{indent}# ..."])
        return text

    def _trips(self, loop: LoopNode, function: Scope) -> int | None:
        if isinstance(loop, ast.While | ast.AsyncFor):
            return None
        if isinstance(loop, ast.For):
            return self._length(loop.iter, function)
        if any(generator.ifs for generator in loop.generators):
            return None
        product = 1
        for generator in loop.generators:
            length = self._length(generator.iter, function)
            if length is None:
                return None
            product *= length
        return product

    def _length(self, node: ast.expr, scope: Scope, depth: int = 6) -> int | None:
        if depth == 0:
            return None
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return None if any(isinstance(each, ast.Starred) for each in node.elts) else len(node.elts)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            return len(node.value)
        if isinstance(node, ast.Name):
            value = self._only_value(node.id, scope)
            return None if value is None else self._length(value, scope, depth - 1)
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
            return None
        if node.func.id == "range" and not node.keywords:
            return self._range(node.args, scope)
        return self._length(node.args[0], scope, depth - 1) if node.func.id in _TRANSPARENT else None

    def _range(self, args: list[ast.expr], scope: Scope) -> int | None:
        numbers = [self._integer(arg, scope) for arg in args]
        known = [number for number in numbers if number is not None]
        if len(known) != len(args) or len(known) > 3 or (len(known) == 3 and known[2] == 0):
            return None
        start, stop, step = (0, known[0], 1) if len(known) == 1 else (known[0], known[1], (known[2:] or [1])[0])
        return max(0, -((start - stop) // step))

    def _integer(self, node: ast.expr, scope: Scope) -> int | None:
        sign = 1
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            sign, node = -1, node.operand
        if isinstance(node, ast.Name):
            node = self._only_value(node.id, scope) or node
        if isinstance(node, ast.Constant) and type(node.value) is int:
            return sign * node.value
        return None

    def _only_value(self, name: str, scope: Scope) -> ast.expr | None:
        """What a name is bound to, when that happens once and nothing makes it longer or shorter."""
        holder = self._part.names.holder(name, scope)
        bindings = [each for each in holder.bindings[name] if each.how is not Bound.ANNOTATION] if holder else []
        if len(bindings) != 1 or bindings[0].how is not Bound.VALUE:
            return None
        for call in self._part.found.calls:
            if isinstance(call.func, ast.Attribute) and call.func.attr in _GROWING:
                if isinstance(call.func.value, ast.Name) and call.func.value.id == name:
                    return None
        payload = bindings[0].payload
        return payload if isinstance(payload, ast.expr) else None


def _kind(loop: LoopNode) -> str:
    if isinstance(loop, ast.While):
        return "while"
    if isinstance(loop, ast.For):
        return "for"
    return "async for" if isinstance(loop, ast.AsyncFor) else "comprehension"


def _repeats(loop: LoopNode, place: Place) -> bool:
    """Whether a place lies in what a loop runs once per iteration, not in what it evaluates once."""
    start, end = _span(place)
    if isinstance(loop, MapLoop):
        return (*start, *end) in loop.places
    if isinstance(loop, ast.While):
        return position_of(loop.test)[:2] <= start and end <= position_of(loop.body[-1])[2:]
    if isinstance(loop, ast.For | ast.AsyncFor):
        return _body_start(loop) <= start and end <= position_of(loop.body[-1])[2:]
    outside = position_of(loop)
    if not (outside[:2] <= start and end <= outside[2:]) or (start, end) == (outside[:2], outside[2:]):
        return False
    once = position_of(loop.generators[0].iter)
    return not (once[:2] <= start and end <= once[2:])


def _body_start(loop: ast.For | ast.AsyncFor) -> tuple[int, int]:
    return position_of(loop.body[0])[:2]


def _span(place: Place) -> tuple[tuple[int, int], tuple[int, int]]:
    if place.column < 0 or place.end_column < 0:
        return (place.line, 1_000_000), (place.line, 0)  # anywhere on the line
    return (place.line, place.column), (place.end_line or place.line, place.end_column)
