"""IOB414: locks that are held while something is waited for."""

from __future__ import annotations

import ast
import re

from iobound.model.finding import Confidence, Severity, Step
from iobound.verbs.scan.program.closeup import Code
from iobound.verbs.scan.program.effects import Effect
from iobound.verbs.scan.program.facts import CallSite
from iobound.verbs.scan.program.handed import made_by
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.rules.program import Program, Subject
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.survey import Context

HELD = Rule(
    "IOB414",
    "lock-held-across-a-wait",
    Severity.WARNING,
    Confidence.MEDIUM,
    "A lock is held while the thread waits: every other thread that needs the lock waits, too.",
    default=False,
)
RULES = (HELD,)

_KINDS = ("network", "dns", "database", "subprocess", "sleep")
_FOR_OTHERS = frozenset(
    {
        "concurrent.futures.Future.result",
        "threading.Thread.join",
        "multiprocessing.Process.join",
        "queue.Queue.join",
    }
)
_TALKS = (
    "socket.",
    "ssl.",
    "http.client.",
    "multiprocessing.connection.",
    "sqlite3.",
    "dbapi.",
    "psycopg",
    "sqlalchemy.",
    "paramiko.",
    "serial.",
    "ftplib.",
    "smtplib.",
    "imaplib.",
    "zmq.",
)
"""Types of which each instance is one conversation: a lock that is held around one of its turns protects it."""

_STARTING = (".start", ".Popen")  # what starts a child does not wait for it
_ENDING = re.compile(
    r"close|shut_?down|stop|join|terminate|finish|(?:^|_)end(?:_|$)|__exit__|__del__"
)  # nobody needs the lock any more
_CLOCKS = frozenset({"time.time", "time.monotonic", "time.perf_counter", "datetime.datetime.now"})
SHORT_S = 0.02
"""A sleep below which nobody minds, in seconds."""

_WORDS = {
    "network": "waits for the network",
    "dns": "waits for a name server",
    "database": "waits for a database",
    "subprocess": "waits for a child process",
    "sleep": "sleeps",
    "lock": "waits for another thread",
}


def in_program(program: Program) -> Findings:
    """Look at the calls that a lock is held around."""
    for subject in program.affected():
        if subject.is_async or subject.module.facts.cooperative or _ENDING.search(subject.name.rpartition(".")[2]):
            continue
        held = [site for site in subject.facts.calls if site.lock]
        seen: set[int] = set()
        for site in held:
            found = _wait(program, subject, site)
            if found is not None and site.span.line not in seen:
                yield from _judged(program, subject, site, *found)
                seen.add(site.span.line)


def _wait(program: Program, subject: Subject, site: CallSite) -> tuple[str, Effect] | None:
    effects = program.effects_at(subject, site)
    kind = next((each for each in _KINDS if each in effects), None)
    if kind is not None and not effects[kind].name.endswith(_STARTING):
        return kind, effects[kind]
    lock = effects.get("lock")
    return ("lock", lock) if lock is not None and lock.name in _FOR_OTHERS and lock.through is None else None


def _judged(program: Program, subject: Subject, site: CallSite, kind: str, effect: Effect) -> Findings:
    code = program.closeup.named(subject.key.module, subject.facts.name)
    call = None if code is None else _call(program, code, site)
    if code is None or call is None or _is_once(code.view, call):
        return
    if kind != "lock" and (_is_its_own(code, call, effect) or _is_one_by_one(program, code, call, site)):
        return
    if effect.name.startswith("sqlite3.") or _is_pace(program, code, call):
        return  # one file of SQLite takes one writer at a time anyway
    chain: tuple[Step, ...] = ()
    called = f"`{effect.name}`"
    if effect.through is not None:
        name = program.tree.named(effect.through)
        called = f"`{name}` (`{effect.name}`)"
        chain = (Step(name, subject.file, site.span.line), *program.effects.chain(effect.through, kind))
    yield HELD.at(
        subject.file,
        site.span,
        f"`{site.lock}` is held while {called} {_WORDS[kind]}: every thread that needs the lock waits as long",
        hint="wait first, and hold the lock only around the change of what it protects",
        function=subject.name,
        chain=chain,
        weight_s=effect.weight_s,
        confidence=Confidence.LOW if effect.depth > 2 else None,
    )


def _is_pace(program: Program, code: Code, call: Resolved) -> bool:
    """Whether a sleep keeps a pace that all threads share, or is so short that it does not matter."""
    if call.name != "time.sleep":
        return False
    pause = call.call.args[0] if call.call.args else None
    if isinstance(pause, ast.Constant):
        return isinstance(pause.value, int | float) and pause.value < SHORT_S
    return any(each.name in _CLOCKS for each in program.closeup.calls(code))


def _call(program: Program, code: Code, site: CallSite) -> Resolved | None:
    return next((each for each in program.closeup.calls(code) if code.view.span(each.node) == site.span), None)


def _is_its_own(code: Code, call: Resolved, effect: Effect) -> bool:
    """Whether the lock protects just what waits: one connection, file or child that threads take turns with.

    That is so of an object that is there before the lock is taken: `with self.lock: self.sock.send(…)`.
    """
    if effect.through is not None:
        return effect.name.startswith(_TALKS) or effect.name.startswith("subprocess.Popen.")
    func = call.node.func if isinstance(call.node, ast.Call) else call.node
    receiver = func.value if isinstance(func, ast.Attribute) else None
    if isinstance(func, ast.Attribute) and _overrides(code, func):
        return True
    while isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Attribute):
        receiver = receiver.func.value  # what waits is a part of it, such as a connection's cursor
    if not isinstance(receiver, ast.Name | ast.Attribute):
        return False
    meaning = code.view.names.meaning(receiver, code.scope)
    return meaning is not None and meaning.instance and not _is_made_here(code, receiver)


def _overrides(code: Code, func: ast.Attribute) -> bool:
    """Whether a method does under the lock what it overrides: `super().do_handshake()`, or the same of a base class."""
    if code.klass is None or func.attr != code.name.rpartition(".")[2]:
        return False
    owner = func.value
    if isinstance(owner, ast.Call):
        return isinstance(owner.func, ast.Name) and owner.func.id == "super"
    return isinstance(owner, ast.Name) and owner.id in {spelled(base) for base in getattr(code.klass.node, "bases", ())}


def _is_one_by_one(program: Program, code: Code, call: Resolved, site: CallSite) -> bool:
    """Whether the lock is there so that what waits is done by one after another, whoever asks for it.

    That is so where nobody else has what is changed under it: a lock that was there before an object is made, around
    what gives one of its attributes. And where the function that is called waits, looks at the answer, and waits again.
    """
    if code.name.rpartition(".")[2] in _MAKING and not site.lock.startswith("self."):
        return _is_kept(call)
    if not call.meaning.local:
        return False
    callee = program.closeup.code(code.module, call.meaning.symbol)
    return callee is not None and _acts_on_answer(program, callee)


_MAKING = ("__init__", "__new__", "__post_init__")


def _is_kept(call: Resolved) -> bool:
    """Whether all that becomes of what a call gives is an attribute of the object that is made."""
    around: Context | None = call.context
    while around is not None and not isinstance(around.node, ast.With):
        around = around.outer
    body = around.node.body if around is not None and isinstance(around.node, ast.With) else []
    return all(isinstance(each, ast.Assign) and _is_of_self(each.targets) for each in body)


def _is_of_self(targets: list[ast.expr]) -> bool:
    return all(isinstance(each, ast.Attribute) and spelled(each.value) == "self" for each in targets)


def _acts_on_answer(program: Program, callee: Code) -> bool:
    """Whether a function waits for what a condition then looks at, with another wait under that condition."""
    waits = [each for each in program.closeup.calls(callee) if _is_request(callee.view, each)]
    if len(waits) < _TWICE:
        return False
    nodes = program.closeup.nodes(callee)
    for test in (node for node in nodes if isinstance(node, ast.If)):
        first, last = test.body[0].lineno, test.end_lineno or test.lineno
        inside = any(first <= each.node.lineno <= last for each in waits)
        before = [each.node for each in waits if each.node.lineno <= test.test.lineno]
        if inside and before and _looks_at(test.test, before, nodes):
            return True
    return False


_TWICE = 2


def _is_request(view: FileView, each: Resolved) -> bool:
    entry = view.entry(each.meaning)
    return entry is not None and entry.category in _KINDS and entry.blocking not in ("no", "short")


def _looks_at(test: ast.expr, answers: list[ast.expr], nodes: list[ast.AST]) -> bool:
    """Whether a condition contains one of some calls, or a name that is set from one."""
    names = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and any(part in answers for part in ast.walk(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return any(part in answers or (isinstance(part, ast.Name) and part.id in names) for part in ast.walk(test))


def _is_made_here(code: Code, receiver: ast.expr) -> bool:
    """Whether a function makes the object itself: not from another object, whose part it would be."""
    made = made_by(code.view, receiver, code.scope) if isinstance(receiver, ast.Name) else None
    holder = code.view.names.holder(receiver.id, code.scope) if isinstance(receiver, ast.Name) else None
    if made is None or holder is None or holder.kind == "module":
        return False
    owner = made.func.value if isinstance(made.func, ast.Attribute) else None
    meaning = None if owner is None else code.view.names.meaning(owner, code.scope)
    return meaning is None or not meaning.instance


def _is_once(view: FileView, call: Resolved) -> bool:
    """Whether the wait happens only now and then: under the lock it is asked first whether it has been done.

    The lock is there so that one thread does it for all, such as opening a connection or renewing a token.
    """
    around: Context | None = call.context
    while around is not None and not isinstance(around.node, _FUNCTIONS):
        if isinstance(around.node, ast.With) and _asks_first(around.node, call.node.lineno):
            return True
        around = around.outer
    return False


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)


def _asks_first(body: ast.With, line: int) -> bool:
    """Whether an `if` in a body leaves before a line, or is around it and looks at what is there already."""
    for node in ast.walk(body):
        if isinstance(node, ast.If) and node.lineno < line:
            leaves = any(isinstance(part, ast.Return) for each in node.body for part in ast.walk(each))
            inside = line <= (node.end_lineno or node.lineno)
            if (leaves and not inside) or (inside and _asks_whether_done(node.test)):
                return True
    return False


def _asks_whether_done(test: ast.expr) -> bool:
    """Whether a condition looks at a flag, or for something that is there already."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _asks_whether_done(test.operand)
    if isinstance(test, ast.BoolOp):
        return any(_asks_whether_done(value) for value in test.values)
    if isinstance(test, ast.Compare):
        return isinstance(test.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn)
    return isinstance(test, ast.Name | ast.Attribute)
