"""What the calls of one file start in an event loop: tasks, servers, the loop itself; and what is passed on."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.scopes import function_of
from iobound.verbs.scan.syntax.survey import Context, Scope

_TASKS = frozenset(
    """
    add_reader add_signal_handler add_writer as_completed call_at call_later call_soon call_soon_threadsafe
    create_datagram_endpoint create_server create_task create_unix_server ensure_future gather run_app
    run_coroutine_threadsafe serve serve_forever spawn start_polling start_server start_serving start_soon
    start_unix_server
    """.split()
)
"""Last names of calls after which something else may run in the loop."""

_SERVERS = frozenset(
    """
    add_socket add_sockets create_server create_unix_server listen run_app serve_forever start_polling start_server
    start_serving start_unix_server
    """.split()
)
"""Last names of calls with which a program begins to serve others."""

_GROUPS = frozenset({"TaskGroup", "create_task_group", "open_nursery"})
"""Last names of what waits for its tasks before its `async with` ends."""

_INTERESTING = _TASKS | _SERVERS | {"__await__", "run", "run_until_complete", "send", "start"}
_LOOKING = frozenset("iscoroutinefunction isinstance run signature update_wrapper wraps".split())
"""Last names of calls that start nothing with a function that they are given, or of which more is known."""

RUNS = "asyncio.run"
"""What stands for whatever runs an event loop with what it is given."""

_LOOPS = ("asyncio", "loop", "runner")
ASYNCHRONOUS = frozenset(
    """
    aiobotocore aiofiles aiogram aiohttp aiomysql aiopg aioredis aiosqlite anyio asgiref asyncio asyncpg blacksheep
    discord django falcon fastapi grpc hikari httpx hypercorn litestar motor nats ninja quart sanic slixmpp starlette
    telegram telethon tornado trio twisted uvicorn uvloop websockets
    """.split()
)
"""Libraries whose coroutines a real event loop runs."""


class Starts:
    """One look at all calls of a file.

    Attributes:
        given: By call that is an argument of another: the last name of that other.
        tasks: By function: line from which something else may run in the loop, for what it starts itself.
        servers: By function: line where it begins to serve.
        groups: By function: first and last lines of `async with` blocks with tasks that end with them.
        begun: By function: calls of methods of something unknown whose coroutines are given on: last name of the
            method, line, and last name of what they are given to.
        passed: Coroutine functions that are given to a call as they are.
        runners: Functions that run an event loop with a parameter of theirs.
        drives: Whether it runs coroutines by hand, without an event loop.
    """

    def __init__(self, view: FileView) -> None:
        self._view = view
        self.given: dict[ast.AST, str] = {}
        self.tasks: dict[Scope, int] = {}
        self.servers: dict[Scope, int] = {}
        self.groups: dict[Scope, list[tuple[int, int]]] = {}
        self.begun: dict[Scope, list[tuple[str, int, str]]] = {}
        self.passed: set[Scope] = set()
        self.runners: set[Scope] = set()
        self.drives = False
        self._look()

    def _look(self) -> None:
        found, given = self._view.found, self.given
        plain, methods = _coroutines(found.scopes)
        attribute, bare, call = ast.Attribute, ast.Name, ast.Call
        for node, context in zip(found.calls, found.contexts, strict=True):
            func = node.func
            kind = func.__class__
            name = func.attr if kind is attribute else func.id if kind is bare else ""  # type: ignore[attr-defined]
            for argument in node.args:
                if argument.__class__ is call:
                    given[argument] = name
                    if argument.func.__class__ is attribute and (name in _TASKS or "run" in name):
                        begun = self.begun.setdefault(function_of(context.scope), [])
                        begun.append((argument.func.attr, argument.lineno, RUNS if _runs(node, name) else name))
            if name in _INTERESTING:
                self._interesting(node, name, context)
            if (plain or methods) and name not in _LOOKING:
                for argument in (*node.args, *(word.value for word in node.keywords)):
                    if argument.__class__ is bare:
                        self.passed.update(plain.get(argument.id, ()))
                    elif argument.__class__ is attribute and _is_own(argument):
                        self.passed.update(methods.get(argument.attr, ()))

    def _interesting(self, node: ast.Call, name: str, context: Context) -> None:
        function = function_of(context.scope)
        awaited = node in self._view.found.awaited or node in self._view.found.entered
        if name in _TASKS and not (name == "gather" and awaited):
            group = _group_of(node, context)
            if group is not None:
                self.groups.setdefault(function, []).append((group.lineno, group.end_lineno or group.lineno))
            elif name != "serve" or awaited:
                _note(self.tasks, function, self._from(node, context))
        if name in _SERVERS or (name == "serve" and awaited) or (name == "start" and _is_site(node, awaited)):
            _note(self.servers, function, self._from(node, context))
        if name in ("run", "run_until_complete") and _runs_parameter(node, name, function):
            self.runners.add(function)
        elif name == "__await__":
            self.drives |= not function.name.endswith("__await__") and node not in self._view.found.iterated
        elif name == "send":
            self.drives |= _is_first_step(node)

    def _from(self, node: ast.Call, context: Context) -> int:
        """Line of a call, or of the outermost loop around it: the next iteration comes after it."""
        line, loop = node.lineno, context.loop
        while loop is not None:
            line = min(line, loop.lineno)
            loop = self._view.found.loop_contexts[loop].loop
        return line

    @property
    def is_by_hand(self) -> bool:
        """Whether the file runs coroutines by hand, and knows no event loop."""
        return self.drives and ASYNCHRONOUS.isdisjoint(self._imported())

    def _imported(self) -> Iterator[str]:
        for bindings in self._view.found.module.bindings.values():
            for binding in bindings:
                if isinstance(binding.payload, str):
                    yield binding.payload.partition(".")[0]


def _coroutines(scopes: list[Scope]) -> tuple[dict[str, list[Scope]], dict[str, list[Scope]]]:
    """Coroutine functions of a file by last name: plain ones, and methods."""
    plain: dict[str, list[Scope]] = {}
    methods: dict[str, list[Scope]] = {}
    for scope in scopes:
        if scope.node.__class__ is ast.AsyncFunctionDef:
            is_method = scope.parent is not None and scope.parent.kind == "class"
            (methods if is_method else plain).setdefault(scope.name.rpartition(".")[2], []).append(scope)
    return plain, methods


def _group_of(node: ast.Call, context: Context) -> ast.AsyncWith | None:
    """The `async with` around a call that starts a task in what it has entered."""
    group = spelled(node.func).rpartition(".")[0]
    around: Context | None = context
    while around is not None and not isinstance(around.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        for item in around.node.items if isinstance(around.node, ast.AsyncWith) else ():
            if isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == group:
                made = item.context_expr.func if isinstance(item.context_expr, ast.Call) else None
                if getattr(made, "attr", getattr(made, "id", "")) in _GROUPS and isinstance(around.node, ast.AsyncWith):
                    return around.node
        around = around.outer
    return None


def _is_own(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def _note(lines: dict[Scope, int], function: Scope, line: int) -> None:
    lines[function] = min(line, lines.get(function, line))


def _receiver(node: ast.Call) -> str:
    """Last part of what a method is called on, in small letters."""
    return spelled(node.func).rpartition(".")[0].rpartition(".")[2].rstrip("()[]").lower()


def _is_site(node: ast.Call, awaited: bool) -> bool:
    """`await site.start()` of aiohttp."""
    return awaited and not node.args and _receiver(node).endswith("site")


def _runs_parameter(node: ast.Call, name: str, function: Scope) -> bool:
    """Whether a plain function runs an event loop with what it was given."""
    if not node.args or not isinstance(function.node, ast.FunctionDef) or not isinstance(node.args[0], ast.Name):
        return False
    if not _runs(node, name):
        return False
    arguments = function.node.args
    names = {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    return node.args[0].id in names


def _runs(node: ast.Call, name: str) -> bool:
    """Whether a call runs an event loop, as far as it is written."""
    return name == "run_until_complete" or (name == "run" and _receiver(node).endswith(_LOOPS))


def _is_first_step(node: ast.Call) -> bool:
    """`coro.send(None)`."""
    first = node.args[0] if len(node.args) == 1 else None
    return isinstance(first, ast.Constant) and first.value is None and "coro" in _receiver(node)
