"""IOB405 to IOB407, 409 and 416: objects that threads must not share, used by several of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from iobound.model.finding import Confidence, Finding, Severity, Span
from iobound.verbs.scan.program.handed import made_by
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.program.workers import Reached, Worker, is_of_iteration
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.rules.shared_places import shared_place, unlocked
from iobound.verbs.scan.syntax.names import Meaning, spelled
from iobound.verbs.scan.syntax.survey import Bound, Scope

_E, _W, _H, _M = Severity.ERROR, Severity.WARNING, Confidence.HIGH, Confidence.MEDIUM

SQLITE = Rule("IOB405", "sqlite-connection-in-another-thread", _E, _H, "A thread uses a connection of another thread.")
SESSION = Rule("IOB406", "client-shared-by-threads", _W, _M, "Threads share a client that is not made for it.")
DATABASE = Rule("IOB407", "database-session-shared", _E, _H, "Threads share a connection or session of a database.")
FILE = Rule("IOB409", "file-shared-by-threads", _W, _M, "Threads write to or read from one open file.")
GENERATOR = Rule("IOB416", "generator-shared-by-threads", _E, _H, "Threads take from one generator.")
RULES = (SQLITE, SESSION, DATABASE, FILE, GENERATOR)

_DATABASES = (
    "sqlalchemy.orm.Session",
    "sqlalchemy.engine.Connection",
    "dbapi.",
    "psycopg.Cursor",
    "psycopg2.extensions.cursor",
    "duckdb.DuckDBPyConnection",
    "django.db.backends.utils.CursorWrapper",
)
_CLIENTS = (
    "requests.Session",
    "http.client.HTTP",
    "ftplib.",
    "smtplib.",
    "imaplib.",
    "poplib.",
    "paramiko.SFTPClient",
    "serial.Serial",
    "selenium.",
    "playwright.sync_api.",
    "boto3.session.Session",
    "boto3.resource",
    "kafka.KafkaConsumer",
    "confluent_kafka.Consumer",
    "pika.",
    "zmq.Socket",
)
_FILES = ("io.IOBase", "csv.writer", "csv.reader", "tarfile.TarFile", "shelve.Shelf")
_USING_FILES = frozenset(
    "write writelines writerow writerows read readline readlines seek add addfile extractfile __next__ truncate".split()
)
_WORDS = {
    SQLITE: "`{path}` ({type}) was made in another thread: `sqlite3` raises `ProgrammingError` here",
    SESSION: "threads share `{path}` ({type}), and nobody promises that they may",
    DATABASE: "threads share `{path}` ({type}): statements and transactions of one get into those of the others",
    FILE: "threads share `{path}` ({type}): its position is one for all, and pieces of output mix",
    GENERATOR: "threads take from `{path}`: a second one that asks at the same time gets "
    "`ValueError: generator already executing`",
}
_HINTS = {
    SQLITE: "open a connection in each thread, or pass `check_same_thread=False` and hold a lock around each use",
    SESSION: "make one for each thread: `threading.local()`, or the `initializer` of the pool",
    DATABASE: "make one for each thread: a connection pool, `scoped_session`, or open it in the function itself",
    FILE: "give back what is to be written and let one thread write, or hold a lock around whole records",
    GENERATOR: "hand the items over with `map` or a `queue.Queue`, or hold a lock around `next`",
}


_SQLITE = re.compile(rb"sqlite3")


class _Shared(NamedTuple):
    rule: Rule
    type_name: str


def in_program(program: Program) -> Findings:
    """Look at what functions that run in threads use from outside, and at what they are handed."""
    found: dict[tuple[str, Span, str], Finding] = {}
    for finding in (*_all_used(program), *_all_handed(program)):
        found.setdefault((finding.file, finding.span, finding.rule), finding)
    yield from found.values()


# Used by the functions themselves


def _all_used(program: Program) -> Findings:
    for reached in program.workers.in_threads:
        free = set(unlocked(program.closeup, reached))
        for call in program.closeup.calls(reached.code):
            if isinstance(call.node, ast.Call) and isinstance(call.node.func, ast.Attribute):
                yield from _used(program, reached, call, call.node.func, is_locked=call.node not in free)
        if reached.worker.overlaps:
            for node in free:
                yield from _taken(program, reached, node)


def _used(program: Program, reached: Reached, call: Resolved, func: ast.Attribute, *, is_locked: bool) -> Findings:
    view = reached.code.view
    shared = _unsafe(view, view.names.meaning(func.value, reached.code.scope), func.value, reached.code.scope)
    if shared is None or (is_locked and shared.rule is not SQLITE):
        return
    if not reached.worker.overlaps and shared.rule is not SQLITE:
        return
    if shared.rule is FILE and func.attr not in _USING_FILES:
        return
    place = shared_place(reached, func.value) or _self_of_one(reached, func.value, shared)
    if place is None:
        return
    yield shared.rule.at(
        program.file(reached.code.module),
        view.span(call.node),
        _WORDS[shared.rule].format(path=spelled(func.value), type=shared.type_name),
        hint=_HINTS[shared.rule],
        function=reached.code.name,
        chain=reached.chain,
    )


def _self_of_one(reached: Reached, node: ast.expr, shared: _Shared) -> object:
    """An attribute of the object whose method is the thread: it was made elsewhere, or the thread makes it itself."""
    code = reached.code
    if shared.rule is not SQLITE or code.klass is None or not spelled(node).startswith("self."):
        return None
    made = [each.scope for each in code.klass.attributes.get(spelled(node).split(".")[1], ())]
    made_in = {scope.function.name.rpartition(".")[2] for scope in made if scope is not None}
    return node if made_in == {"__init__"} else None


def _taken(program: Program, reached: Reached, node: ast.AST) -> Findings:
    """A generator from outside from which a function takes items."""
    source = _source_of(node)
    if source is None or shared_place(reached, source) is None:
        return
    if _is_generator(reached.code.view, source, reached.code.scope):
        yield GENERATOR.at(
            program.file(reached.code.module),
            reached.code.view.span(source),
            _WORDS[GENERATOR].format(path=spelled(source)),
            hint=_HINTS[GENERATOR],
            function=reached.code.name,
            chain=reached.chain,
        )


def _source_of(node: ast.AST) -> ast.expr | None:
    if isinstance(node, ast.For) and isinstance(node.iter, ast.Name | ast.Attribute):
        return node.iter
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "next" and node.args:
        return node.args[0] if isinstance(node.args[0], ast.Name | ast.Attribute) else None
    return None


# Handed over with the function


def _all_handed(program: Program) -> Findings:
    for worker in program.workers.all:
        if worker.handing.where != "thread":
            continue
        if not worker.overlaps and not program.closeup.mentions(worker.module, _SQLITE):
            continue
        found = program.workers.call(worker)
        if found is not None:
            yield from _handed(program, worker, *found)


def _handed(program: Program, worker: Worker, view: FileView, call: Resolved) -> Findings:
    scope = call.context.scope
    for argument in _arguments(view, call, scope):
        root = _root(argument)
        if root is None or is_of_iteration(view, root, call):
            continue
        shared = _unsafe(view, view.names.meaning(argument, scope), argument, scope)
        if shared is None and worker.overlaps and _is_generator(view, argument, scope):
            shared = _Shared(GENERATOR, "generator")
        if shared is None or (shared.rule is not SQLITE and not _is_repeated(worker, call)):
            continue
        yield shared.rule.at(
            program.file(worker.module),
            worker.handing.span,
            _WORDS[shared.rule].format(path=spelled(argument), type=shared.type_name),
            hint=_HINTS[shared.rule],
            function=worker.facts.name.partition("@")[0],
        )


def _is_repeated(worker: Worker, call: Resolved) -> bool:
    """Whether this very call hands the object to several threads."""
    return worker.overlaps and (worker.handing.many or call.context.loop is not None)


def _arguments(view: FileView, call: Resolved, scope: Scope) -> Iterator[ast.expr]:
    """What a call gives every time that the function is called: not the elements of what `map` runs over."""
    node = call.call
    is_map = "map" in call.name.rpartition(".")[2]
    given = [*node.args, *(word.value for word in node.keywords if word.arg not in _NOT_GIVEN)]
    for argument in given:
        if isinstance(argument, ast.Tuple):
            yield from argument.elts
        elif isinstance(argument, ast.Attribute) and _is_method(view, argument, scope):
            yield argument.value
        elif isinstance(argument, ast.Call):
            meaning = view.names.meaning(argument.func, scope)
            if meaning is not None and meaning.name in ("functools.partial", "itertools.repeat"):
                yield from argument.args
                yield from (word.value for word in argument.keywords)
        elif not is_map:
            yield argument


_NOT_GIVEN = frozenset({"timeout", "chunksize", "callback", "error_callback", "name", "daemon"})


def _is_method(view: FileView, node: ast.Attribute, scope: Scope) -> bool:
    """Whether it is a method of an object that is no module and no class."""
    owner = view.names.meaning(node.value, scope)
    return owner is not None and owner.instance and not owner.local


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


# What is unsafe


def _unsafe(view: FileView, meaning: Meaning | None, node: ast.expr, scope: Scope) -> _Shared | None:
    """The rule that an object breaks when threads share it."""
    if meaning is None or not meaning.instance or meaning.local or not isinstance(node, ast.Name | ast.Attribute):
        return None
    facts = view.catalogue.type_facts(meaning.name)
    name = facts.name if facts is not None and facts.name != "io.BytesIO" else meaning.name
    if name.startswith("sqlite3."):
        return None if _is_free(view, node, scope) else _Shared(SQLITE, name)
    if facts is not None and facts.thread_safe:
        return None
    for rule, types in ((DATABASE, _DATABASES), (SESSION, _CLIENTS), (FILE, _FILES)):
        if name.startswith(types):
            return _Shared(rule, name)
    return None


def _is_free(view: FileView, node: ast.expr, scope: Scope, depth: int = 4) -> bool:
    """Whether a connection is made with `check_same_thread=False`, or it cannot be seen how it is made."""
    made = made_by(view, node, scope)
    if made is not None and isinstance(made.func, ast.Attribute):
        owner = view.names.meaning(made.func.value, scope)
        if owner is not None and owner.instance:  # a cursor: what counts is its connection
            return depth <= 0 or _is_free(view, made.func.value, scope, depth - 1)
    return made is None or any(word.arg in ("check_same_thread", None) for word in made.keywords)


def _is_generator(view: FileView, node: ast.expr, scope: Scope) -> bool:
    """Whether a name stands for a generator: an expression, or what a generator function gives."""
    if not isinstance(node, ast.Name):
        return False
    holder = view.names.holder(node.id, scope)
    bindings = [] if holder is None else holder.bindings[node.id]
    if len(bindings) != 1 or bindings[0].how is not Bound.VALUE or holder is None:
        return False
    value = bindings[0].payload
    if isinstance(value, ast.GeneratorExp):
        return True
    meaning = view.names.meaning(value.func, holder) if isinstance(value, ast.Call) else None
    return meaning is not None and meaning.scope is not None and meaning.scope.yields
