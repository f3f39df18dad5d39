"""Where code stands that a call which succeeds never comes to: before a `raise`, and after what ends the process."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from iobound.verbs.scan.syntax.scopes import Scope

Range = tuple[int, int, int]
"""First line and column, last line."""

ENDS = frozenset(
    """
    builtins.exit builtins.quit os._exit os.abort os.execl os.execle os.execlp os.execlpe os.execv os.execve os.execvp
    os.execvpe os.kill signal.raise_signal sys.exit
    """.split()
)
"""What does not come back; of `os.kill` only what is meant for the process itself."""

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


class Ranges:
    """Pieces of code of one file, to be asked what lies in them."""

    def __init__(self, ranges: Iterable[Range]) -> None:
        self._sorted = sorted(ranges)

    def __bool__(self) -> bool:
        return bool(self._sorted)

    def has(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression lies in one that belongs to its own function."""
        begins = getattr(scope.function.node, "lineno", 0)
        line, known = node.lineno, self._sorted
        at = bisect_right(known, (line, node.col_offset, 1 << 30))
        while at and known[at - 1][0] > begins:
            at -= 1
            if known[at][2] >= line:
                return True
        return False


def uncaught(blocks: Iterable[Range], tried: list[tuple[int, int]]) -> Iterator[Range]:
    """Those blocks that end in `raise` and lie in no `try` which may catch it."""
    return (each for each in blocks if not any(first <= each[0] and each[2] <= last for first, last in tried))


def after_ends(calls: Iterable[tuple[ast.Call, str, ast.AST]]) -> Iterator[Range]:
    """What comes after calls that end the process, in the same block.

    Args:
        calls: Each with its canonical name, one of `ENDS`, and a node that it lies in.
    """
    for call, name, around in calls:
        if name != "os.kill" or _is_own(call):
            rest = _rest(around, call)
            if rest:
                yield rest[0].lineno, rest[0].col_offset, rest[-1].end_lineno or rest[-1].lineno


def _is_own(kill: ast.Call) -> bool:
    """Whether it is `os.kill(os.getpid(), …)`."""
    process = kill.args[0] if kill.args else None
    function = process.func if isinstance(process, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", "")) == "getpid"


def _rest(around: ast.AST, call: ast.Call) -> list[ast.stmt]:
    """The statements after the one that is the call."""
    pending = [around]
    while pending:
        node = pending.pop()
        for field in _BLOCKS:
            block: list[ast.AST] = getattr(node, field, None) or []
            for number, part in enumerate(block if isinstance(block, list) else ()):
                if isinstance(part, ast.Expr) and part.value is call:
                    return [each for each in block[number + 1 :] if isinstance(each, ast.stmt)]
                if isinstance(part, ast.stmt | ast.ExceptHandler | ast.match_case) and _is_around(part, call):
                    pending.append(part)
    return []


def _is_around(part: ast.stmt | ast.ExceptHandler | ast.match_case, call: ast.Call) -> bool:
    return isinstance(part, ast.match_case) or part.lineno <= call.lineno <= (part.end_lineno or part.lineno)
