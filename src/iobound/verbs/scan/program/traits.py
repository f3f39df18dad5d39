"""What decorators, names and calls say of how a function is run: letters of `FunctionFacts.kind`."""

from __future__ import annotations

import ast
from functools import cached_property

from iobound.verbs.scan.program.definitions import inner_function
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.syntax.survey import Scope

_VERBS = frozenset("api_route delete get head options patch post put route trace websocket".split())
_FRAMEWORKS = frozenset({"fastapi", "starlette", "ninja", "litestar"})
"""Their handlers that are no coroutines run in threads."""

_REGISTERING = _VERBS | frozenset(
    """
    action add_handler business_message callback_query callback_query_handler catch_all channel_post chat_member
    consumer error errorhandler event exception_handler get_prompt handle handler inline_query job listen listener
    message message_handler method middleware on on_callback_query on_event on_message prompt register resource
    rpc_method subscriber subscribe tool view websocket_route
    """.split()
)
"""Last names of decorators with which something is told what to call when others ask."""

_COMMANDS = frozenset({"callback", "command", "default"})
_COMMAND_LINES = frozenset({"asyncclick", "click", "cyclopts", "typer"})
_AROUND_SERVING = frozenset(
    "after_serving after_server_start after_server_stop before_server_start before_serving before_server_stop lifespan "
    "on_cleanup on_event on_shutdown on_startup shutdown shutdown_event startup startup_event".split()
)
_HARMLESS = frozenset(
    "abstractmethod asynccontextmanager cache cached cached_property classmethod contextmanager final lru_cache "
    "override overload property setter staticmethod wraps".split()
)
_ASKING = (
    "asyncio.get_running_loop",
    "asyncio._get_running_loop",
    "asyncio.current_task",
    "asyncio.AbstractEventLoop.is_running",
    "sniffio.current_async_library",
    "nest_asyncio.apply",
)


class Traits:
    """Letters for the functions of one file."""

    def __init__(self, view: FileView) -> None:
        self._view = view

    def letters(self, scope: Scope) -> str:
        """Those that need more than the definition itself."""
        if scope.kind != "function":
            return ""
        node = scope.node
        letters = "r" if scope in self._asking else ""
        if scope.redirected and _is_done_once(scope):
            letters += "c"
        marks: list[ast.expr] = getattr(node, "decorator_list", [])
        is_coroutine = isinstance(node, ast.AsyncFunctionDef)
        is_handler = False
        if is_coroutine and getattr(node, "name", "") in _AROUND_SERVING:
            letters += "b"
        for mark in marks:
            name = _last_name(mark)
            if is_coroutine and name in _AROUND_SERVING:
                letters += "b"
            elif is_coroutine and name in _COMMANDS and self._is_command(mark, scope):
                letters += "e"
            elif is_coroutine and name in _VERBS and self._is_route(mark, scope):
                is_handler = True
            if is_coroutine and (name in _REGISTERING or name in _COMMANDS) and self._is_registering(mark):
                letters += "" if "e" in letters else "v"
            if name not in _HARMLESS:
                letters += "d"
        if is_handler and all(self._leaves_as_it_is(mark, scope) for mark in marks):
            letters += "h"
        return letters

    def _leaves_as_it_is(self, mark: ast.expr, scope: Scope) -> bool:
        """Whether the framework gets the function itself: what wraps a coroutine function may await what it gives."""
        if _last_name(mark) in _VERBS and self._is_route(mark, scope):
            return True
        target = mark.func if isinstance(mark, ast.Call) else mark
        meaning = self._view.names.meaning(target, scope.parent or scope)
        decorator = None if meaning is None else meaning.scope
        if decorator is not None and isinstance(mark, ast.Call):
            decorator = inner_function(decorator)
        return decorator is not None and _gives_back(decorator)

    def _is_registering(self, mark: ast.expr) -> bool:
        """Whether a decorator is a method of some object."""
        return isinstance(mark.func if isinstance(mark, ast.Call) else mark, ast.Attribute)

    def _is_command(self, mark: ast.expr, scope: Scope) -> bool:
        """Whether a decorator is one of a library for command lines, not that of a bot which runs meanwhile."""
        target = mark.func if isinstance(mark, ast.Call) else mark
        meaning = self._view.names.meaning(target, scope.parent or scope)
        return meaning is not None and not meaning.local and meaning.name.partition(".")[0] in _COMMAND_LINES

    def _is_route(self, mark: ast.expr, scope: Scope) -> bool:
        """Whether a decorator is one of a framework that runs plain functions in threads."""
        if not isinstance(mark, ast.Call) or not isinstance(mark.func, ast.Attribute):
            return False
        meaning = self._view.names.meaning(mark.func.value, scope.parent or scope)
        if meaning is not None and not meaning.local:
            return meaning.name.partition(".")[0] in _FRAMEWORKS
        path = mark.args[0] if mark.args else None
        is_path = isinstance(path, ast.Constant) and isinstance(path.value, str) and path.value[:1] in ("/", "")
        return is_path and self._uses_framework

    @cached_property
    def _uses_framework(self) -> bool:
        imports = (
            binding.payload.partition(".")[0]
            for bindings in self._view.found.module.bindings.values()
            for binding in bindings
            if isinstance(binding.payload, str)
        )
        return not _FRAMEWORKS.isdisjoint(imports)

    @cached_property
    def _asking(self) -> frozenset[Scope]:
        """Functions that ask whether an event loop runs."""
        by_name = self._view.by_name
        return frozenset(each.context.scope.function for name in _ASKING for each in by_name.get(name, ()))


def _gives_back(decorator: Scope) -> bool:
    """Whether a decorator gives back the very function that it is given."""
    arguments = getattr(getattr(decorator.node, "args", None), "args", ())
    first = arguments[0].arg if arguments else ""
    values = decorator.returns
    return bool(values) and all(isinstance(value, ast.Name) and value.id == first for value in values)


def _is_done_once(scope: Scope) -> bool:
    """Whether a function keeps something in a name that is not its own, and asks that name whether it is there."""
    statements = list(getattr(scope.node, "body", ()))
    statements += [inner for each in statements if isinstance(each, ast.With) for inner in each.body]
    tests = (each.test for each in statements if isinstance(each, ast.If))
    return any(isinstance(part, ast.Name) and part.id in scope.redirected for test in tests for part in ast.walk(test))


def _last_name(mark: ast.expr) -> str:
    target = mark.func if isinstance(mark, ast.Call) else mark
    return getattr(target, "attr", getattr(target, "id", ""))
