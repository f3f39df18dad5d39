"""IOB414: locks that are held while something is waited for."""

from __future__ import annotations

import ast

from iobound.model.finding import Confidence, Severity, Step
from iobound.scan.program.closeup import Code
from iobound.scan.program.effects import Effect
from iobound.scan.program.facts import CallSite
from iobound.scan.program.view import FileView, Resolved
from iobound.scan.rules.program import Program, Subject
from iobound.scan.rules.rule import Findings, Rule
from iobound.scan.syntax.names import spelled
from iobound.scan.syntax.survey import Context

HELD = Rule(
    "IOB414",
    "lock-held-across-a-wait",
    Severity.WARNING,
    Confidence.MEDIUM,
    "A lock is held while the thread waits: every other thread that needs the lock waits, too.",
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
        if subject.is_async or subject.module.facts.cooperative:
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
    if kind is not None:
        return kind, effects[kind]
    lock = effects.get("lock")
    return ("lock", lock) if lock is not None and lock.name in _FOR_OTHERS and lock.through is None else None


def _judged(program: Program, subject: Subject, site: CallSite, kind: str, effect: Effect) -> Findings:
    code = program.closeup.named(subject.key.module, subject.facts.name)
    call = None if code is None else _call(program, code, site)
    if code is None or call is None or _is_its_own(code, call, site) or _is_once(code.view, call):
        return
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


def _call(program: Program, code: Code, site: CallSite) -> Resolved | None:
    return next((each for each in program.closeup.calls(code) if code.view.span(each.node) == site.span), None)


def _is_its_own(code: Code, call: Resolved, site: CallSite) -> bool:
    """Whether the lock protects just what waits: one connection, file or child that threads take turns with.

    That is so of an object that is kept beside the lock: `with self.lock: self.sock.send(…)`.
    """
    func = call.node.func if isinstance(call.node, ast.Call) else call.node
    receiver = func.value if isinstance(func, ast.Attribute) else None
    if receiver is None or not isinstance(receiver, ast.Name | ast.Attribute):
        return False
    meaning = code.view.names.meaning(receiver, code.scope)
    if meaning is None or not meaning.instance:
        return False
    root = spelled(receiver).partition(".")[0]
    return root == site.lock.partition(".")[0] or root in ("self", "cls") or _is_kept(code, root)


def _is_kept(code: Code, root: str) -> bool:
    """Whether a name stands for something that outlives the call."""
    holder = code.view.names.holder(root, code.scope)
    return holder is not None and holder.kind == "module"


def _is_once(view: FileView, call: Resolved) -> bool:
    """Whether the wait happens the first time only: the lock's body asks first whether it has been done."""
    around: Context | None = call.context
    while around is not None and not isinstance(around.node, ast.With):
        around = around.outer
    node = around.node if around is not None else None
    if not isinstance(node, ast.With):
        return False
    line = call.node.lineno
    for statement in node.body:
        if isinstance(statement, ast.If):
            inside = statement.lineno <= line <= (statement.end_lineno or statement.lineno)
            leaves = isinstance(statement.body[-1], ast.Return | ast.Raise | ast.Continue)
            if (inside or (leaves and statement.lineno < line)) and _asks_whether_done(statement.test):
                return True
    return False


def _asks_whether_done(test: ast.expr) -> bool:
    """Whether a condition looks at a flag or for something that is there already."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _asks_whether_done(test.operand)
    if isinstance(test, ast.BoolOp):
        return any(_asks_whether_done(value) for value in test.values)
    if isinstance(test, ast.Compare):
        return isinstance(test.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn)
    return isinstance(test, ast.Name | ast.Attribute)
