"""What one iteration of a loop does with names, in the order in which it does it.

A name that is read before the iteration has certainly written it comes from outside or from the iteration before.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from iobound.verbs.scan.syntax.survey import ComprehensionNode, LoopNode
from iobound.verbs.scan.syntax.walking import walk

Names = set[str]
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_COMMUTATIVE = (ast.Add, ast.Mult, ast.BitOr, ast.BitAnd, ast.BitXor)


class Update(NamedTuple):
    """A statement that gives a name a new value out of its old one, such as `total += f(x)`.

    Attributes:
        operator: `Add`, `max` and the like; updates by different operators are no reduction.
        counts: Whether it adds a constant once per iteration, whatever happens.
    """

    line: int
    operator: str
    counts: bool


class Exit(NamedTuple):
    """A statement that ends the loop early, and what decides whether it is reached.

    Attributes:
        tests: Conditions around it, and those of `continue` statements before it; also calls that may raise before it
            when something in the loop catches that.
    """

    line: int
    word: str
    tests: tuple[ast.expr, ...]


class Usage:
    """What one iteration does.

    Attributes:
        targets: Names that the loop itself binds for each iteration.
        early: Names read before they are certainly written, with the line; updates do not count as reads.
        written: Names written otherwise than by an update, with the line.
        guarded: Names with the tests around each of their writes.
        reads: Every expression node that reads a name, by name.
        stores: Attributes and subscripts that are assigned to, and whether that is an update.
    """

    def __init__(self, targets: Names) -> None:
        self.targets = targets
        self.early: dict[str, int] = {}
        self.written: dict[str, int] = {}
        self.guarded: dict[str, list[tuple[ast.expr, ...]]] = {}
        self.updates: dict[str, list[Update]] = {}
        self.reads: dict[str, list[ast.Name]] = {}
        self.stores: list[tuple[ast.Attribute | ast.Subscript, bool]] = []
        self.calls: list[ast.Call] = []
        self.exits: list[Exit] = []

    @property
    def private(self) -> Names:
        """Names that an iteration makes for itself."""
        return (self.targets | set(self.written)) - set(self.early)

    def is_private(self, name: str) -> bool:
        """Whether a name is one of those, told without making them up anew."""
        return name not in self.early and (name in self.targets or name in self.written)


def usage(loop: LoopNode) -> Usage:
    """Follow one iteration of a loop.

    Raises:
        RecursionError: statements are nested too deeply.
    """
    if isinstance(loop, ast.While):
        flow = _Flow(Usage(set()))
        assigned = flow.expression(loop.test, set())
        flow.block(loop.body, assigned)
    elif isinstance(loop, ast.For | ast.AsyncFor):
        flow = _Flow(Usage(names_in(loop.target)))
        flow.block(loop.body, names_in(loop.target))
    else:
        targets = {name for generator in loop.generators for name in names_in(generator.target)}
        flow = _Flow(Usage(targets))
        flow.comprehension(loop, set(), with_first=False)
    return flow.usage


def names_in(target: ast.expr) -> Names:
    """Names that an assignment target binds."""
    return {node.id for node in walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


class _Flow:
    def __init__(self, record: Usage) -> None:
        self.usage = record
        self._depth = 0  # of loops inside the loop
        self._tests: tuple[ast.expr, ...] = ()
        self._skipping: list[ast.expr] = []  # tests of `continue` so far
        self._raising: list[ast.expr] = []  # calls so far after which a handler may go another way

    def block(self, statements: Iterable[ast.stmt], assigned: Names) -> Names | None:
        """Names that are certainly written at the end, None when the end is not reached."""
        now: Names | None = assigned
        for statement in statements:
            if now is None:
                return None
            now = self._statement(statement, now)
        return now

    def _statement(self, node: ast.stmt, assigned: Names) -> Names | None:
        step = _STEPS.get(type(node))
        if step is not None:
            return step(self, node, assigned)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                assigned = self.expression(child, assigned)
        return assigned

    def _guarded(self, test: ast.expr, body: Iterable[ast.stmt], assigned: Names) -> Names | None:
        outer = self._tests
        self._tests = (*outer, test)
        after = self.block(body, set(assigned))
        self._tests = outer
        return after

    def if_(self, node: ast.If, assigned: Names) -> Names | None:
        assigned = self.expression(node.test, assigned)
        return _joined(self._guarded(node.test, node.body, assigned), self._guarded(node.test, node.orelse, assigned))

    def for_(self, node: ast.For | ast.AsyncFor, assigned: Names) -> Names | None:
        assigned = self.expression(node.iter, assigned)
        self._write(node.target, assigned)
        self._inner(node.body, assigned | names_in(node.target))
        return self.block(node.orelse, assigned)

    def while_(self, node: ast.While, assigned: Names) -> Names | None:
        assigned = self.expression(node.test, assigned)
        self._inner(node.body, assigned)
        return self.block(node.orelse, assigned)

    def _inner(self, body: Iterable[ast.stmt], assigned: Names) -> None:
        self._depth += 1
        self.block(body, set(assigned))
        self._depth -= 1

    def with_(self, node: ast.With | ast.AsyncWith, assigned: Names) -> Names | None:
        for item in node.items:
            assigned = self.expression(item.context_expr, assigned)
            if item.optional_vars is not None:
                assigned = self._write(item.optional_vars, assigned)
        return self.block(node.body, assigned)

    def try_(self, node: ast.Try | ast.TryStar, assigned: Names) -> Names | None:
        raising = len(self._raising)
        after = self._attempted(node, set(assigned))
        if after is not None:
            after = self.block(node.orelse, after)
        goes_on = True
        for handler in node.handlers:
            if handler.type is not None:
                self.expression(handler.type, assigned)
            caught = self.block(handler.body, assigned | ({handler.name} if handler.name else set()))
            goes_on = goes_on and caught is not None
            after = _joined(after, caught)
        if goes_on:
            del self._raising[raising:]
        final = self.block(node.finalbody, set(assigned))
        return None if after is None or final is None else after | final

    def _attempted(self, node: ast.Try | ast.TryStar, assigned: Names) -> Names | None:
        """Follow what may raise: where that is caught, every call decides about what comes after it."""
        if not node.handlers:
            return self.block(node.body, assigned)
        now: Names | None = assigned
        for statement in node.body:
            calls = len(self.usage.calls)
            now = None if now is None else self._statement(statement, now)
            self._raising += self.usage.calls[calls:]
        return now

    def match(self, node: ast.Match, assigned: Names) -> Names | None:
        assigned = self.expression(node.subject, assigned)
        after: Names | None = assigned
        for case in node.cases:
            caught = {name for part in walk(case.pattern) if (name := getattr(part, "name", None))}
            if case.guard is not None:
                self.expression(case.guard, assigned | caught)
            after = _joined(after, self._guarded(node.subject, case.body, assigned | caught))
        return after

    def definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, assigned: Names) -> Names | None:
        inside = {part.id for part in walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        inside |= {part.arg for part in walk(node) if isinstance(part, ast.arg)}
        for part in walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id not in inside:
                self._read(part, assigned)
        self._note_write(node.name, node.lineno)
        return assigned | {node.name}

    def assign(self, node: ast.Assign, assigned: Names) -> Names | None:
        target = node.targets[0]
        if len(node.targets) == 1 and isinstance(target, ast.Name) and target.id not in assigned:
            operator, operands = _self_update(target.id, node.value)
            if operator:
                return self._update(target.id, operator, operands, node, assigned)
        assigned = self.expression(node.value, assigned)
        for target in node.targets:
            assigned = self._write(target, assigned)
        return assigned

    def annotated(self, node: ast.AnnAssign, assigned: Names) -> Names | None:
        return assigned if node.value is None else self._write(node.target, self.expression(node.value, assigned))

    def augmented(self, node: ast.AugAssign, assigned: Names) -> Names | None:
        if isinstance(node.target, ast.Name):
            if node.target.id in assigned:
                self._note_write(node.target.id, node.lineno)
                return self.expression(node.value, assigned)
            return self._update(node.target.id, type(node.op).__name__, [node.value], node, assigned)
        assigned = self.expression(node.value, assigned)
        self.usage.stores.append((node.target, True))
        return self._store_parts(node.target, assigned)

    def _update(self, name: str, operator: str, operands: list[ast.expr], node: ast.stmt, assigned: Names) -> Names:
        for operand in operands:
            assigned = self.expression(operand, assigned)
        once = not self._tests and self._depth == 0
        counts = once and operator in ("Add", "Sub") and all(isinstance(each, ast.Constant) for each in operands)
        self.usage.updates.setdefault(name, []).append(Update(node.lineno, operator, counts))
        return assigned

    def delete(self, node: ast.Delete, assigned: Names) -> Names | None:
        for target in node.targets:
            if isinstance(target, ast.Attribute | ast.Subscript):
                self.usage.stores.append((target, True))
                assigned = self._store_parts(target, assigned)
        return assigned - {target.id for target in node.targets if isinstance(target, ast.Name)}

    def leave(self, node: ast.Return | ast.Break | ast.Continue | ast.Raise, assigned: Names) -> Names | None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                assigned = self.expression(child, assigned)
        if isinstance(node, ast.Return) or (isinstance(node, ast.Break) and self._depth == 0):
            word = "return" if isinstance(node, ast.Return) else "break"
            self.usage.exits.append(Exit(node.lineno, word, (*self._tests, *self._skipping, *self._raising)))
        elif isinstance(node, ast.Continue) and self._depth == 0:
            self._skipping += self._tests
        return None

    def import_(self, node: ast.Import | ast.ImportFrom, assigned: Names) -> Names | None:
        return assigned | {alias.asname or alias.name.partition(".")[0] for alias in node.names}

    def expression(self, node: ast.expr, assigned: Names) -> Names:
        """Follow an expression; what is certainly written grows by its `:=`."""
        pending: list[ast.AST] = [node]
        while pending:
            part = pending.pop()
            if isinstance(part, ast.Name):
                if isinstance(part.ctx, ast.Load):
                    self._read(part, assigned)
            elif isinstance(part, _COMPREHENSIONS):
                self.comprehension(part, assigned)
            elif isinstance(part, ast.Lambda):
                self.expression(part.body, assigned | {arg.arg for arg in walk(part.args) if isinstance(arg, ast.arg)})
            elif isinstance(part, ast.NamedExpr):
                assigned = self._write(part.target, self.expression(part.value, assigned))
            else:
                self._note(part)
                pending.extend(reversed(list(ast.iter_child_nodes(part))))
        return assigned

    def _note(self, part: ast.AST) -> None:
        if isinstance(part, ast.Call):
            self.usage.calls.append(part)
        elif isinstance(part, ast.Yield | ast.YieldFrom):
            self.usage.exits.append(Exit(part.lineno, "yield", self._tests))

    def comprehension(self, node: ComprehensionNode, assigned: Names, *, with_first: bool = True) -> None:
        """Follow a comprehension, whose names are its own."""
        inner = set(assigned)
        for number, generator in enumerate(node.generators):
            if number or with_first:
                self.expression(generator.iter, inner)
            inner |= names_in(generator.target)
            for test in generator.ifs:
                inner = self.expression(test, inner)
        for element in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.expression(element, inner)

    def _read(self, node: ast.Name, assigned: Names) -> None:
        self.usage.reads.setdefault(node.id, []).append(node)
        if node.id not in assigned:
            self.usage.early.setdefault(node.id, node.lineno)

    def _write(self, target: ast.expr, assigned: Names) -> Names:
        pending = [target]
        while pending:
            part = pending.pop()
            if isinstance(part, ast.Name):
                self._note_write(part.id, part.lineno)
                assigned = assigned | {part.id}
            elif isinstance(part, ast.Attribute | ast.Subscript):
                self.usage.stores.append((part, False))
                assigned = self._store_parts(part, assigned)
            else:
                pending.extend(child for child in ast.iter_child_nodes(part) if isinstance(child, ast.expr))
        return assigned

    def _store_parts(self, target: ast.expr, assigned: Names) -> Names:
        for child in ast.iter_child_nodes(target):
            if isinstance(child, ast.expr):
                assigned = self.expression(child, assigned)
        return assigned

    def _note_write(self, name: str, line: int) -> None:
        self.usage.written.setdefault(name, line)
        self.usage.guarded.setdefault(name, []).append(self._tests)


def _joined(one: Names | None, other: Names | None) -> Names | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _self_update(name: str, value: ast.expr) -> tuple[str, list[ast.expr]]:
    """Operator and other operands of `x = x + e` or `x = max(x, e)`; no operator when it is nothing like that."""
    if isinstance(value, ast.BinOp):
        if _is(value.left, name) and not _mentions(value.right, name):
            return type(value.op).__name__, [value.right]
        if _is(value.right, name) and isinstance(value.op, _COMMUTATIVE) and not _mentions(value.left, name):
            return type(value.op).__name__, [value.left]
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("max", "min"):
        others = [arg for arg in value.args if not _is(arg, name)]
        if len(others) == len(value.args) - 1 and not any(_mentions(arg, name) for arg in others):
            return value.func.id, others
    return "", []


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _mentions(node: ast.expr, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in walk(node))


_STEPS: dict[type[ast.stmt], Callable[[_Flow, Any, Names], Names | None]] = {
    ast.If: _Flow.if_,
    ast.For: _Flow.for_,
    ast.AsyncFor: _Flow.for_,
    ast.While: _Flow.while_,
    ast.With: _Flow.with_,
    ast.AsyncWith: _Flow.with_,
    ast.Try: _Flow.try_,
    ast.TryStar: _Flow.try_,
    ast.Match: _Flow.match,
    ast.FunctionDef: _Flow.definition,
    ast.AsyncFunctionDef: _Flow.definition,
    ast.ClassDef: _Flow.definition,
    ast.Assign: _Flow.assign,
    ast.AnnAssign: _Flow.annotated,
    ast.AugAssign: _Flow.augmented,
    ast.Delete: _Flow.delete,
    ast.Return: _Flow.leave,
    ast.Break: _Flow.leave,
    ast.Continue: _Flow.leave,
    ast.Raise: _Flow.leave,
    ast.Import: _Flow.import_,
    ast.ImportFrom: _Flow.import_,
}
