"""Child processes of which a condition on the way says that they have ended: waiting for them takes no time."""

from __future__ import annotations

import ast

from iobound.verbs.scan.program.branches import Answer, way_to
from iobound.verbs.scan.program.view import Resolved
from iobound.verbs.scan.syntax.names import spelled

WAITING = frozenset(
    {
        "multiprocessing.Process.join",
        "subprocess.Popen.communicate",
        "subprocess.Popen.wait",
        "threading.Thread.join",
    }
)
_ALIVE = ("is_alive", "is_running")
_CODES = ("exitcode", "returncode", "poll")


def has_ended(resolved: Resolved) -> bool:
    """Whether what a call waits for has ended before, as the same function has asked."""
    function, func = resolved.context.scope.function.node, resolved.call.func
    if not isinstance(func, ast.Attribute):
        return False
    of = spelled(func.value)
    for answer in way_to(resolved.node, function).answers:
        if _says_so(answer, of) and not _is_new(function, of, answer.test.lineno, resolved.node.lineno):
            return True
    return False


def _says_so(answer: Answer, of: str) -> bool:
    """Whether a condition says that it has ended: it is not alive, or has an exit code."""
    test, holds = answer
    if isinstance(test, ast.Call):
        return not holds and _asked(test, of) in _ALIVE
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or _asked(test.left, of) not in _CODES:
        return False
    operator, other = test.ops[0], test.comparators[0]
    is_none = isinstance(other, ast.Constant) and other.value is None
    if isinstance(operator, ast.IsNot | ast.NotEq) and is_none:
        return holds
    if isinstance(operator, ast.Is | ast.Eq) and is_none:
        return not holds
    return holds and isinstance(operator, ast.Eq)


def _asked(node: ast.expr, of: str) -> str:
    """Last name of what is asked of an object: `poll` for `of.poll()`, `exitcode` for `of.exitcode`."""
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) and spelled(node.value) == of else ""


def _is_new(function: ast.AST, of: str, first: int, last: int) -> bool:
    """Whether the name stands for something else between two lines, or it is started anew."""
    for node in ast.walk(function):
        if not first <= getattr(node, "lineno", 0) < last:
            continue
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store) and spelled(node) == of:
            return True
        if isinstance(node, ast.Call) and _asked(node, of) == "start":
            return True
    return False
