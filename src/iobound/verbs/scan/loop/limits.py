"""How many tasks of an event loop may get on at once, where the source says so."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.model.source_facts import LimitFact
from iobound.verbs.scan.syntax.names import Names
from iobound.verbs.scan.syntax.survey import Scope, Survey

_NUMBERS = {
    "aiohttp.TCPConnector": (None, "limit"),
    "anyio.CapacityLimiter": (0, "total_tokens"),
    "anyio.Semaphore": (0, "initial_value"),
    "asyncio.BoundedSemaphore": (0, "value"),
    "asyncio.Semaphore": (0, "value"),
    "httpx.Limits": (None, "max_connections"),
    "trio.CapacityLimiter": (0, "total_tokens"),
    "trio.Semaphore": (0, "initial_value"),
}
"""Position and name of the argument that says how many."""

_LAST = frozenset(name.rpartition(".")[2] for name in _NUMBERS)


def limits(file: str, found: Survey, names: Names) -> Iterator[LimitFact]:
    """Limits that a file makes with a number, or with a parameter that has one by default."""
    for call, context in zip(found.calls, found.contexts, strict=True):
        if isinstance(call.func, ast.Attribute) and call.func.attr not in _LAST:
            continue  # as nearly all
        meaning = names.meaning(call.func, context.scope)
        if meaning is None or meaning.local or meaning.name not in _NUMBERS:
            continue
        position, word = _NUMBERS[meaning.name]
        at_once = _number(_argument(call, position, word), context.scope)
        if at_once is not None and at_once > 0:
            yield LimitFact(file, call.lineno, meaning.name, at_once)


def _argument(call: ast.Call, position: int | None, word: str) -> ast.expr | None:
    if position is not None and position < len(call.args):
        return call.args[position]
    return next((each.value for each in call.keywords if each.arg == word), None)


def _number(value: ast.expr | None, scope: Scope) -> int | None:
    if isinstance(value, ast.Name):
        value = _default(value.id, scope.function.node)
    if isinstance(value, ast.Constant) and type(value.value) is int:
        return value.value
    return None


def _default(name: str, function: ast.AST) -> ast.expr | None:
    """The default of a parameter: callers may say otherwise, and mostly do not."""
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    with_defaults = positional[len(positional) - len(arguments.defaults) :]
    pairs = [
        *zip(with_defaults, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return next((value for argument, value in pairs if argument.arg == name), None)
