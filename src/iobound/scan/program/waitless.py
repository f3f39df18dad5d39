"""Calls that do not wait although their name says so: the arguments or the state of the object forbid it."""

from __future__ import annotations

import ast
from functools import cached_property

from iobound.scan.program.view import FileView, Resolved
from iobound.scan.syntax.names import spelled
from iobound.scan.syntax.survey import Scope

_ZERO = {"timeout": (0, 0.0), "blocking": (False,), "block": (False,)}
_TIMEOUTS = {  # position of the time-out
    "acquire": 1,
    "exception": 0,
    "get": 1,
    "join": 0,
    "poll": 0,
    "put": 2,
    "result": 0,
    "select": 0,
    "sleep": 0,
    "wait": 0,
}
_SELECT = "select.select"
_FLAGS = {"acquire": 0, "get": 0, "put": 1}
"""Position of the argument that says whether to wait, by method."""

_SOCKETS = ("socket.socket", "ssl.SSLSocket")
_FUTURE = "concurrent.futures.Future"


class Waitless:
    """Calls of one file that say of themselves, or of whose object the file says, that they do not wait."""

    def __init__(self, view: FileView) -> None:
        self._view = view

    def __contains__(self, resolved: Resolved) -> bool:
        node, name = resolved.node, resolved.name
        if not isinstance(node, ast.Call):
            return False
        if is_short(node, name):
            return True
        owner = name.rpartition(".")[0]
        if owner in _SOCKETS:
            return self._key(resolved) in self._unblocked
        return owner == _FUTURE and self._key(resolved) in self._asked

    @cached_property
    def _unblocked(self) -> frozenset[tuple[Scope | None, str]]:
        """Sockets that were told not to wait."""
        calls = [
            each
            for owner in _SOCKETS
            for method in ("setblocking", "settimeout")
            for each in self._view.by_name.get(f"{owner}.{method}", ())
        ]
        return frozenset(self._key(each) for each in calls if _is_zero(each.call.args[:1]))

    @cached_property
    def _asked(self) -> frozenset[tuple[Scope | None, str]]:
        """Futures that were asked whether they are done."""
        return frozenset(self._key(each) for each in self._view.by_name.get(f"{_FUTURE}.done", ()))

    def _key(self, resolved: Resolved) -> tuple[Scope | None, str]:
        """Stands for the object of a method call: its name and who has that name."""
        function = resolved.call.func
        if not isinstance(function, ast.Attribute):
            return None, ""
        path = spelled(function.value)
        root = path.partition(".")[0]
        if root in ("self", "cls") and root != path:
            scope: Scope | None = resolved.context.scope
            while scope is not None and scope.kind != "class":
                scope = scope.parent
            return scope, path
        return self._view.names.holder(root, resolved.context.scope), path


def _is_zero(arguments: list[ast.expr]) -> bool:
    return bool(arguments) and isinstance(arguments[0], ast.Constant) and arguments[0].value in (0, 0.0, False)


def is_short(call: ast.Call, name: str) -> bool:
    """Whether the arguments say that the call does not wait: `timeout=0`, `blocking=False`."""
    for word in call.keywords:
        if word.arg in _ZERO and isinstance(word.value, ast.Constant) and word.value.value in _ZERO[word.arg]:
            return True
    if name == _SELECT:
        return _is_zero(call.args[3:4])
    method = name.rpartition(".")[2]
    if method not in _TIMEOUTS or not call.args or name.startswith(_LOOK_UPS):
        return False
    flag = _FLAGS.get(method, -1)
    if 0 <= flag < len(call.args) and _constant(call.args[flag]) is False:
        return True
    at = _TIMEOUTS[method]
    value = _constant(call.args[at]) if at < len(call.args) else None
    return value == 0 and value is not False


_LOOK_UPS = ("requests.", "httpx.", "urllib3.", "django.", "redis.", "pymemcache.", "boto3.")
"""Libraries whose `get` and `put` take no time-out by position."""


def _constant(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None
