"""IOB404, 408, 410, 411, 413, 415: what concerns the whole process, or one thread alone, done by threads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from iobound.model.finding import Confidence, Finding, Severity
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.program.workers import Reached
from iobound.verbs.scan.rules.not_given import is_unasked_in_thread
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule

_E, _W, _I, _H, _M = Severity.ERROR, Severity.WARNING, Severity.INFO, Confidence.HIGH, Confidence.MEDIUM

FOLDER = Rule("IOB404", "working-directory-or-environment", _E, _H, "A thread changes what the whole process sees.")
RANDOM = Rule("IOB408", "shared-random-stream", _W, _M, "Threads seed a random generator that all of them share.")
PYPLOT = Rule("IOB410", "pyplot-in-threads", _E, _H, "Threads draw with pyplot, which has one current figure.")
SIGNAL = Rule("IOB411", "signal-or-locale-in-threads", _E, _H, "A thread sets signal handlers, locale or umask.")
CONTEXT = Rule("IOB413", "context-not-passed-on", _I, _M, "Threads do not see the caller's context variables.")
SWAPPED = Rule("IOB415", "global-state-swapped-in-threads", _W, _M, "Threads swap state of the process for a while.")
RULES = (FOLDER, RANDOM, PYPLOT, SIGNAL, CONTEXT, SWAPPED)

_CALLS = {
    FOLDER: (
        "os.chdir os.fchdir contextlib.chdir os.putenv os.unsetenv os.environ.update os.environ.setdefault "
        "os.environ.pop os.environ.clear"
    ),
    RANDOM: "random.seed random.setstate numpy.random.seed numpy.random.set_state torch.manual_seed",
    SIGNAL: "signal.signal signal.set_wakeup_fd locale.setlocale os.umask os.setuid os.setgid time.tzset",
    SWAPPED: (
        "warnings.catch_warnings contextlib.redirect_stdout contextlib.redirect_stderr unittest.mock.patch "
        "unittest.mock.patch.object unittest.mock.patch.dict"
    ),
}
_RULES = {name: rule for rule, names in _CALLS.items() for name in names.split()}
_PYPLOT = "matplotlib.pyplot."
_WHY = {
    FOLDER: "every other thread sees the change in the middle of its work",
    RANDOM: "all threads draw from the same stream, so that seeding makes nothing repeatable",
    SIGNAL: "it concerns the whole process",
    SWAPPED: "it swaps state of the whole process, and another thread may put back what this one found",
}
_HINTS = {
    FOLDER: "use absolute paths, and `cwd=` or `env=` for children",
    RANDOM: "give each call a generator of its own: `random.Random(seed)`, `numpy.random.default_rng(seed)`",
    SIGNAL: "do it once in the main thread before threads start",
    SWAPPED: "do it once around all threads, or collect what each of them gives",
    PYPLOT: "make a `Figure` of its own in each thread (`matplotlib.figure.Figure`), or draw in the main thread",
}
_ALONE = frozenset({"signal.signal", "signal.set_wakeup_fd"})
_COPYING = ("asyncio.to_thread", "anyio.", "starlette.", "fastapi.", "asgiref.", "trio.")
_DECIMAL = re.compile(rb"localcontext")
_CONTEXTS = frozenset({"decimal.localcontext"})


def in_program(program: Program) -> Findings:
    """Look at every function that runs in other threads."""
    for reached in program.workers.in_threads:
        if _knows_the_main_thread(program, reached):
            continue
        for call in program.closeup.calls(reached.code):
            yield from _called(program, reached, call)
        yield from _environment(program, reached)
    for worker in program.workers.all:
        if worker.handing.where == "thread" and worker.overlaps and program.closeup.mentions(worker.module, _DECIMAL):
            found = program.workers.call(worker)
            if found is not None and (name := _context_around(*found)):
                yield CONTEXT.at(
                    program.file(worker.module),
                    worker.handing.span,
                    f"`{worker.name}` runs in other threads: they do not see what `{name}` has set",
                    hint="set it in the function itself",
                    function=worker.facts.name.partition("@")[0],
                )


def _knows_the_main_thread(program: Program, reached: Reached) -> bool:
    """Whether a function asks in which thread it is."""
    return any(
        isinstance(node, ast.Attribute | ast.Name) and getattr(node, "attr", getattr(node, "id", "")) == "main_thread"
        for node in program.closeup.nodes(reached.code)
    )


def _called(program: Program, reached: Reached, call: Resolved) -> Findings:
    name, worker = call.name, reached.worker
    rule = PYPLOT if name.startswith(_PYPLOT) else _RULES.get(name)
    if rule is PYPLOT:
        text = f"`{_short(name)}` draws into pyplot's current figure, which all threads share"
        yield _finding(program, reached, call.node, PYPLOT, text)
    elif name in _ALONE:
        text = f"`{name}` raises `ValueError` in any thread but the main one, and `{worker.name}` runs in another"
        yield _finding(program, reached, call.node, SIGNAL, text)
    elif rule is FOLDER or rule is SIGNAL:
        yield _finding(program, reached, call.node, rule, f"`{name}` in a thread: {_WHY[rule]}")
    elif rule is not None and worker.overlaps and not reached.locked:
        yield _finding(program, reached, call.node, rule, f"`{name}` in several threads: {_WHY[rule]}")
    elif name == "contextvars.ContextVar.get" and _loses_context(program, reached):
        text = f"`{worker.name}` runs in a thread that has no copy of the caller's context: `get` gives the default"
        yield _finding(program, reached, call.node, CONTEXT, text)


def _short(name: str) -> str:
    return name.replace("matplotlib.pyplot", "plt")


def _environment(program: Program, reached: Reached) -> Findings:
    """Assignments to items of `os.environ`."""
    for node in program.closeup.nodes(reached.code):
        for target in _targets(node):
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Attribute | ast.Name):
                meaning = reached.code.view.names.meaning(target.value, reached.code.scope)
                if meaning is not None and meaning.name == "os.environ" and not meaning.local:
                    text = f"`os.environ` is changed in a thread: {_WHY[FOLDER]}"
                    yield _finding(program, reached, node, FOLDER, text)


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign | ast.Delete):
        yield from node.targets


def _loses_context(program: Program, reached: Reached) -> bool:
    worker = reached.worker
    if worker.boundary.startswith(_COPYING) or "copy_context" in worker.handing.spelled:
        return False
    if worker.module != reached.code.module or len(reached.chain) > 1:
        return False  # too far from who hands over: it may be content with the default
    sets = {"contextvars.ContextVar.set", "contextvars.Context.run"}
    along = [reached.code] if worker.code is None else [reached.code, worker.code]
    return not any(each.name in sets for code in along for each in program.closeup.calls(code))


def _context_around(view: FileView, handed: Resolved) -> str:
    """A `with` of the same function around a place that sets something for its own thread only."""
    context = handed.context
    while context is not None and isinstance(context.node, ast.With | ast.For | ast.While | ast.If):
        for item in context.node.items if isinstance(context.node, ast.With) else ():
            called = item.context_expr.func if isinstance(item.context_expr, ast.Call) else item.context_expr
            meaning = view.names.meaning(called, context.scope)
            if meaning is not None and meaning.name in _CONTEXTS:
                return meaning.name
        outer = context.outer
        if outer is None:
            break
        context = outer
    return ""


def _finding(program: Program, reached: Reached, node: ast.AST, rule: Rule, text: str) -> Finding:
    return rule.at(
        program.file(reached.code.module),
        reached.code.view.span(node),
        text,
        hint=_HINTS.get(rule, "pass the value as an argument, or hand over `contextvars.copy_context().run`"),
        function=reached.code.name,
        chain=reached.chain,
        confidence=Confidence.LOW
        if is_unasked_in_thread(program, reached, node)
        else None
        if len(reached.chain) < 2
        else _M,
    )
