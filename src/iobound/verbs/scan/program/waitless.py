"""Calls that do not wait although their name says so: the arguments or the state of the object forbid it."""

from __future__ import annotations

import ast
from functools import cached_property

from iobound.verbs.scan.program.ended import WAITING, has_ended
from iobound.verbs.scan.program.paths import Paths
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.survey import Scope

_ZERO = {"timeout": (0, 0.0), "blocking": (False,), "block": (False,), "wait": (False,)}
_TIMEOUTS = {  # position of the time-out
    "acquire": 1,
    "communicate": 1,
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
_TIMEOUTS_OF = {"concurrent.futures.wait": 1, "multiprocessing.connection.wait": 1}
_SELECT = "select.select"
_FLAGS = {"acquire": 0, "get": 0, "put": 1, "shutdown": 0}
"""Position of the argument that says whether to wait, by method."""

_QUEUES = (
    "multiprocessing.JoinableQueue",
    "multiprocessing.Queue",
    "queue.LifoQueue",
    "queue.PriorityQueue",
    "queue.Queue",
)
_SOCKETS = ("socket.socket", "ssl.SSLSocket")
_AT_ONCE = ("connect", "connect_ex", "send", "sendto", "sendmsg")
_LOCKS = ("threading.Lock", "threading.RLock", "multiprocessing.Lock", "multiprocessing.RLock")
_QUESTIONS = ("empty", "full", "qsize")
_FILES = ("fileobj", "fp", "file", "stream", "buffer")
_IN_MEMORY = ("io.BytesIO", "io.StringIO", "tempfile.SpooledTemporaryFile")
_NOWHERE = ("/dev/null", "NUL")
_STREAMED = {
    "httpx.Response": frozenset({"iter_bytes", "iter_lines", "iter_raw", "iter_text", "read"}),
    "requests.Response": frozenset({"iter_content", "iter_lines"}),
}
"""Methods that read on where an answer was asked for as a stream, and else give what is there already, by type."""

_FLAGGED = frozenset("fcntl.flock fcntl.lockf os.open os.wait3 os.wait4 os.waitid os.waitpid".split())
_UNBLOCKING = frozenset({"LOCK_NB", "MSG_DONTWAIT", "O_NONBLOCK", "WNOHANG"})
_TABLES = ("pandas.DataFrame", "pandas.Series")
_WRITERS = (".to_csv", ".to_html", ".to_json", ".to_latex", ".to_markdown", ".to_parquet", ".to_string", ".to_xml")
_PATHS = frozenset({"path_or_buf", "path", "buf", "excel_writer", "name", "con"})
_FUTURE = "concurrent.futures.Future"


class Waitless:
    """Calls of one file that say of themselves, or of whose object the file says, that they do not wait."""

    def __init__(self, view: FileView) -> None:
        self._view = view
        self._paths = Paths(view)

    def __contains__(self, resolved: Resolved) -> bool:
        node, name = resolved.node, resolved.name
        if not isinstance(node, ast.Call):
            return False
        if is_short(node, name):
            return True
        owner, _, method = name.rpartition(".")
        if owner in _STREAMED:
            return method in _STREAMED[owner] and not self._is_streamed(resolved)
        if owner in _SOCKETS:
            return (
                _is_flagged(node)
                or self._key(resolved) in self._unblocked
                or (method in _AT_ONCE and self._is_datagram(resolved))
            )
        if owner in _TABLES and method.startswith("to_"):
            return not _has_path(node)
        if owner in _QUEUES:
            return self._is_ready(resolved) or (method == "put" and not self._is_bounded(resolved))
        if owner == _FUTURE:
            return self._is_ready(resolved)
        if owner in _LOCKS:
            return method == "acquire" and self._is_just_made(resolved)
        if name in WAITING:
            return has_ended(resolved)
        entry = self._view.catalogue.find(name)
        return entry is not None and entry.category == "disk" and self._is_in_memory(resolved)

    def _is_in_memory(self, resolved: Resolved) -> bool:
        """Whether what is read or written is no file: an argument is one in memory, or the object was made of one.

        Nor are the null device and what the kernel tells of itself.
        """
        scope = resolved.context.scope
        values = self._values(resolved)
        if values and all(self._paths.is_virtual(each, scope) for each in values):
            return True
        made = [value for value in values if isinstance(value, ast.Call)]
        if isinstance(resolved.call.func, ast.Attribute) and self._paths.is_virtual(resolved.call.func.value, scope):
            return True
        for call in (resolved.call, *made):
            if call.args and self._paths.is_virtual(call.args[0], scope):
                return True
            given = [*call.args[:1], *(word.value for word in call.keywords if word.arg in _FILES)]
            for argument in given:
                if isinstance(argument, ast.Constant):
                    if argument.value in _NOWHERE:
                        return True
                    continue
                if isinstance(argument, ast.Attribute) and argument.attr == "devnull":
                    return True
                meaning = self._view.names.meaning(argument, resolved.context.scope)
                if meaning is not None and meaning.instance and meaning.name in _IN_MEMORY:
                    return True
        return False

    def _is_streamed(self, resolved: Resolved) -> bool:
        """Whether the file shows that an answer was asked for as a stream."""
        function = resolved.call.func
        owner = [function.value] if isinstance(function, ast.Attribute) else []
        return any(
            isinstance(part, ast.Call) and _asks_for_stream(part)
            for value in (*owner, *self._values(resolved))
            for part in ast.walk(value)
        )

    def _is_ready(self, resolved: Resolved) -> bool:
        """Whether the same function asks first whether there is anything to wait for."""
        return (resolved.context.scope.function, self._key(resolved)[1]) in self._asked

    def _is_just_made(self, resolved: Resolved) -> bool:
        """Whether the statement before makes the object: nobody else can have it."""
        holder, path = self._key(resolved)
        made = holder.bindings.get(path, []) if holder is resolved.context.scope.function else []
        line = resolved.node.lineno
        return any(isinstance(each.payload, ast.Call) and each.payload.end_lineno == line - 1 for each in made)

    def _is_datagram(self, resolved: Resolved) -> bool:
        """Whether a socket sends single messages: then even `connect` only notes an address."""
        return any(
            isinstance(part, ast.Attribute) and part.attr == "SOCK_DGRAM"
            for value in self._values(resolved)
            for part in ast.walk(value)
        )

    def _is_bounded(self, resolved: Resolved) -> bool:
        """Whether the file shows that a queue has a largest size: `put` waits for no other."""
        made = [value for value in self._values(resolved) if isinstance(value, ast.Call)]
        return any((call.args or call.keywords) and not _is_zero(call.args[:1]) for call in made)

    def _values(self, resolved: Resolved) -> list[ast.expr]:
        """What the object of a method call is set to, as far as the file shows it."""
        holder, path = self._key(resolved)
        if holder is None:
            return []
        root, _, attribute = path.partition(".")
        bound = holder.attributes.get(attribute, []) if holder.kind == "class" else holder.bindings.get(root, [])
        return [each.payload for each in bound if isinstance(each.payload, ast.expr)]

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
    def _asked(self) -> frozenset[tuple[Scope, str]]:
        """By function: futures that it asks whether they are done, queues that it asks whether they are empty."""
        questions = [f"{_FUTURE}.done", *(f"{each}.{method}" for each in _QUEUES for method in _QUESTIONS)]
        calls = [each for name in questions for each in self._view.by_name.get(name, ())]
        return frozenset((each.context.scope.function, self._key(each)[1]) for each in calls)

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


def _is_flagged(call: ast.Call) -> bool:
    """Whether an argument has a flag that says not to wait: `os.WNOHANG`, also with others."""
    given = (*call.args, *(word.value for word in call.keywords))
    return any(
        getattr(part, "attr", getattr(part, "id", "")) in _UNBLOCKING
        for argument in given
        if isinstance(argument, ast.Attribute | ast.Name | ast.BinOp)
        for part in ast.walk(argument)
    )


def _asks_for_stream(call: ast.Call) -> bool:
    """Whether it is `client.stream(…)`, or some call with `stream=True`, or with what may be that."""
    last = getattr(call.func, "attr", getattr(call.func, "id", ""))
    return "stream" in last or any(
        word.arg == "stream" and not (isinstance(word.value, ast.Constant) and not word.value.value)
        for word in call.keywords
    )


def _is_zero(arguments: list[ast.expr]) -> bool:
    return bool(arguments) and isinstance(arguments[0], ast.Constant) and arguments[0].value in (0, 0.0, False)


def _has_path(call: ast.Call) -> bool:
    """Whether a table is written anywhere: without a path most of its methods give a text back."""
    given = [*call.args[:1], *(word.value for word in call.keywords if word.arg in _PATHS or word.arg is None)]
    return any(not (isinstance(each, ast.Constant) and each.value is None) for each in given)


def gives_text(resolved: Resolved) -> bool:
    """Whether a call whose object another file names is none that writes, should that be a table."""
    return resolved.name.endswith(_WRITERS) and isinstance(resolved.node, ast.Call) and not _has_path(resolved.node)


def is_short(call: ast.Call, name: str) -> bool:
    """Whether the arguments say that the call does not wait: `timeout=0`, `blocking=False`."""
    for word in call.keywords:
        if word.arg in _ZERO and isinstance(word.value, ast.Constant) and word.value.value in _ZERO[word.arg]:
            return True
    if name == _SELECT:
        return _is_zero(call.args[3:4])
    if name in _FLAGGED:
        return _is_flagged(call)
    if name == "socket.getaddrinfo":
        return any("NUMERIC" in getattr(part, "attr", getattr(part, "id", "")) for part in ast.walk(call))
    method = name.rpartition(".")[2]
    if (method not in _TIMEOUTS and method not in _FLAGS) or not call.args or name.startswith(_LOOK_UPS):
        return False
    flag = _FLAGS.get(method, -1)
    if 0 <= flag < len(call.args) and _constant(call.args[flag]) is False:
        return True
    at = _TIMEOUTS_OF.get(name, _TIMEOUTS.get(method, len(call.args)))
    value = _constant(call.args[at]) if at < len(call.args) else None
    return value == 0 and value is not False


_LOOK_UPS = ("requests.", "httpx.", "urllib3.", "django.", "redis.", "pymemcache.", "boto3.")
"""Libraries whose `get` and `put` take no time-out by position."""


def _constant(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None
