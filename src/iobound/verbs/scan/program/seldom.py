"""Where code stands that is seldom come to: what the environment has to ask for, and what is done after a failure."""

from __future__ import annotations

import ast
from functools import cached_property

from iobound.verbs.scan.program.branches import Answer, way_to
from iobound.verbs.scan.program.facts import How
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.survey import Bound, Scope

_READING = ("os.environ.get", "os.getenv")
_OFF = (None, False, 0, "", "0", "no", "off", "false", "False", "FALSE")
_TO_SWITCH = ("bool", "int", "float", "str")
_CODES = frozenset({"returncode", "return_code", "exitcode", "exit_code", "retcode", "ret_code", "rc"})
_ENDING = frozenset({"kill", "terminate"})
_WAITING = tuple(
    f"{owner}.{method}"
    for owner, method in (
        ("multiprocessing.Process", "join"),
        ("subprocess.Popen", "wait"),
        ("subprocess.Popen", "communicate"),
    )
)
_STEPS = 3
"""Names that are followed to what they stand for."""


class Seldom:
    """Flags for the calls of one file that are not made each time."""

    def __init__(self, view: FileView) -> None:
        self._view = view

    def how(self, resolved: Resolved, how: int) -> int:
        """Flags of `How` to add to those of a call.

        Args:
            how: What is known of it.
        """
        node, scope = resolved.node, resolved.context.scope
        if not isinstance(node, ast.Call):
            return 0
        is_asked = how & How.MAYBE and isinstance(scope.function.node, ast.AsyncFunctionDef)
        if not (is_asked or self._switches or resolved.name in _WAITING):
            return 0
        way = way_to(node, scope.function.node)
        flags = 0
        if self._switches and any(self._is_switched_on(each, scope) for each in way.answers):
            flags |= How.SELDOM
        if way.failed or any(_has_failed(each) for each in way.answers):
            flags |= How.FAILED
        if resolved.name in _WAITING and way.before and _ends(way.before[-1], node):
            flags |= How.SELDOM
        return flags

    @cached_property
    def _switches(self) -> dict[ast.AST, object]:
        """Readings of the environment that give nothing unless something is set, with what they give then."""
        found: dict[ast.AST, object] = {}
        for name in _READING:
            for each in self._view.by_name.get(name, ()):
                default = each.call.args[1] if len(each.call.args) > 1 else None
                if default is None and not each.call.keywords:
                    found[each.node] = None
                elif isinstance(default, ast.Constant) and default.value in _OFF:
                    found[each.node] = default.value
        return found

    def _is_switched_on(self, answer: Answer, scope: Scope) -> bool:
        return answer.holds and self._is_off(answer.test, scope, _STEPS)

    def _is_off(self, test: ast.expr, scope: Scope, left: int) -> bool:
        """Whether an expression is false unless the environment has something set."""
        if isinstance(test, ast.BoolOp):
            parts = [self._is_off(value, scope, left) for value in test.values]
            return any(parts) if isinstance(test.op, ast.And) else all(parts)
        if isinstance(test, ast.Compare):
            value = self._value(test.left, scope, left)
            return bool(value) and not _is_met(test, value[0])
        return bool(self._value(test, scope, left))

    def _value(self, part: ast.expr, scope: Scope, left: int) -> list[object]:
        """What an expression made from such a reading is by default, as a list of one; empty for any other."""
        if part in self._switches:
            return [self._switches[part]]
        if isinstance(part, ast.Call):
            if isinstance(part.func, ast.Attribute):
                value = self._value(part.func.value, scope, left)  # `.lower()`
                if value:
                    return value
            name = getattr(part.func, "attr", getattr(part.func, "id", ""))
            if part.args and (name in _TO_SWITCH or "bool" in name or "true" in name):
                return self._value(part.args[0], scope, left)
        if isinstance(part, ast.Name) and left > 0:
            return self._named(part, scope, left)
        return []

    def _named(self, name: ast.Name, scope: Scope, left: int) -> list[object]:
        holder = self._view.names.holder(name.id, scope)
        bindings = holder.bindings.get(name.id, []) if holder is not None else []
        values = [each.payload for each in bindings if each.how is Bound.VALUE]
        if holder is None or not values or any(each.how not in (Bound.VALUE, Bound.ANNOTATION) for each in bindings):
            return []
        found: list[object] = []
        for each in values:
            if not isinstance(each, ast.expr):
                return []
            if isinstance(each, ast.Compare | ast.BoolOp):
                value: list[object] = [False] if self._is_off(each, holder, left - 1) else []
            else:
                value = self._value(each, holder, left - 1)
            if not value:
                return []
            found = value
        return found


def _is_met(test: ast.Compare, default: object) -> bool:
    """Whether a comparison holds for a default, as far as that can be told."""
    other = test.comparators[0]
    if isinstance(test.ops[0], ast.IsNot):
        return default is not None
    if isinstance(test.ops[0], ast.Eq):
        return not isinstance(other, ast.Constant) or other.value == default
    if isinstance(test.ops[0], ast.In) and isinstance(other, ast.Tuple | ast.List | ast.Set):
        return any(not isinstance(each, ast.Constant) or each.value == default for each in other.elts)
    return not isinstance(test.ops[0], ast.Gt)


def _has_failed(answer: Answer) -> bool:
    """Whether a child process is known to have ended with something else than 0."""
    test, holds = answer
    if not isinstance(test, ast.Compare):
        return holds and _is_code(test)
    if not _is_code(test.left) or not isinstance(test.comparators[0], ast.Constant) or test.comparators[0].value != 0:
        return False
    return isinstance(test.ops[0], ast.NotEq) if holds else isinstance(test.ops[0], ast.Eq)


def _is_code(node: ast.expr) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) in _CODES


def _ends(statement: ast.stmt, wait: ast.Call) -> bool:
    """Whether a statement kills the process for whose end a call waits, which has a time-out."""
    killed = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(killed, ast.Call) or not isinstance(killed.func, ast.Attribute):
        return False
    is_same = isinstance(wait.func, ast.Attribute) and spelled(wait.func.value) == spelled(killed.func.value)
    return is_same and killed.func.attr in _ENDING and bool(wait.args or wait.keywords)
