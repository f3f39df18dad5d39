"""IOB412: functions that are handed over in a loop and look up its variables when they run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.model.finding import Confidence, Severity
from iobound.verbs.scan.catalogue.entries import Offload
from iobound.verbs.scan.program.handed import hands_over_many
from iobound.verbs.scan.program.view import FileView, Resolved, argument_of
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.syntax.survey import Context, LoopNode

LATE = Rule(
    "IOB412",
    "loop-variable-looked-up-late",
    Severity.ERROR,
    Confidence.HIGH,
    "A function that is handed over in a loop finds the loop's variable as a later iteration left it.",
)
RULES = (LATE,)

_WAITING = frozenset({"join", "result", "get", "wait", "shutdown"})


def in_file(view: FileView) -> Findings:
    """Look at functions that loops hand over."""
    for name, calls in view.by_name.items():
        offload = view.catalogue.offload(name)
        if offload is None or hands_over_many(name):
            continue
        for handed in calls:
            loop = handed.context.loop
            if loop is not None and handed.node not in view.found.awaited and not _waits_inside(handed.context, loop):
                yield from _late(view, handed, offload, loop)


def _late(view: FileView, handed: Resolved, offload: Offload, loop: LoopNode) -> Findings:
    function = _function(view, handed, argument_of(handed.call, offload.argument, offload.keyword))
    names = sorted(_changing(loop) & _free_names(function)) if function is not None else []
    if function is None or not names:
        return
    yield LATE.at(
        view.file,
        view.span(handed.node),
        f"the function looks up `{names[0]}` when it runs, and by then the loop may have gone on",
        hint=f"pass it as an argument, or bind it: `lambda {names[0]}={names[0]}: …`",
        function=handed.context.scope.function.name,
    )


def _function(view: FileView, handed: Resolved, argument: ast.expr | None) -> ast.AST | None:
    """The lambda that is handed over, or the function that the same loop defines."""
    if isinstance(argument, ast.Lambda):
        return argument
    loop = handed.context.loop
    meaning = view.names.meaning(argument, handed.context.scope) if isinstance(argument, ast.Name) else None
    if meaning is None or meaning.scope is None or meaning.scope.kind not in ("function", "lambda") or loop is None:
        return None
    node = meaning.scope.node
    first, last = loop.lineno, loop.end_lineno or loop.lineno
    return node if first <= getattr(node, "lineno", 0) <= last else None


def _changing(loop: LoopNode) -> set[str]:
    """Names that each iteration binds anew."""
    roots: list[ast.AST] = [loop.target] if isinstance(loop, ast.For | ast.AsyncFor) else []
    if isinstance(loop, ast.For | ast.AsyncFor | ast.While):
        roots += loop.body
    else:
        roots += [each.target for each in loop.generators]
    return {
        part.id
        for root in roots
        for part in _outside_functions(root)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }


def _outside_functions(root: ast.AST) -> Iterator[ast.AST]:
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(node))


def _free_names(function: ast.AST) -> set[str]:
    """Names that a function reads and does not bind: parameters, with their defaults, are its own."""
    args = getattr(function, "args", None)
    own: set[str] = set()
    if isinstance(args, ast.arguments):
        own = {arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)}
        own |= {arg.arg for arg in (args.vararg, args.kwarg) if arg is not None}
    body = getattr(function, "body", [])
    read: set[str] = set()
    for root in body if isinstance(body, list) else [body]:
        for node in ast.walk(root):
            if isinstance(node, ast.Name):
                (read if isinstance(node.ctx, ast.Load) else own).add(node.id)
    return read - own


def _waits_inside(context: Context, loop: LoopNode) -> bool:
    """Whether the same iteration waits for what it hands over: by a pool of its own, or by asking for the result."""
    around: Context | None = context
    while around is not None and around.node is not loop:
        if isinstance(around.node, ast.With):
            return True
        around = around.outer
    if not isinstance(loop, ast.For | ast.AsyncFor | ast.While):
        return False
    last = loop.body[-1]
    leaves = isinstance(last, ast.Return | ast.Break)
    return leaves or any(
        isinstance(node, ast.Call) and _is_wait(node) for part in loop.body for node in _outside_functions(part)
    )


def _is_wait(node: ast.Call) -> bool:
    """Whether it may be a wait for what runs elsewhere: a `get` or `join` with an argument does something else."""
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr not in _WAITING:
        return False
    return func.attr not in ("get", "join") or not node.args
