"""Branches that only an argument leads to, which a call does not give: `if port is not None` with `port=None`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.model.finding import Span
from iobound.verbs.scan.loop.callees import matched
from iobound.verbs.scan.program.branches import Answer, way_to
from iobound.verbs.scan.program.closeup import Code
from iobound.verbs.scan.program.effects import Effect, maybes_of
from iobound.verbs.scan.program.facts import CallSite
from iobound.verbs.scan.program.workers import Reached
from iobound.verbs.scan.rules.program import Program, Subject
from iobound.verbs.scan.syntax.names import spelled


def is_unasked(program: Program, subject: Subject, site: CallSite, kind: str, effect: Effect) -> bool:
    """Whether a call leaves out the argument on which the wait of the function that it calls depends."""
    inner = program.effects.of(effect.through).get(kind) if effect.through is not None else None
    if effect.through is None or inner is None or not maybes_of(inner.site):
        return False
    callee = program.closeup.named(effect.through.module, program.tree.function(effect.through).name)
    caller = program.closeup.named(subject.key.module, subject.facts.name)
    if callee is None or caller is None:
        return False
    call, wait = _at(program, caller, site.span), _at(program, callee, inner.site.span)
    return call is not None and wait is not None and leaves_out(call, callee, wait)


def is_unasked_in_thread(program: Program, reached: Reached, node: ast.AST) -> bool:
    """Whether all who hand a function over leave out the argument on which a part of it depends."""
    if not reached.direct or not isinstance(node, ast.expr | ast.stmt):
        return False
    code = reached.code
    workers = [each for each in program.workers.all if each.code is not None and each.code.scope is code.scope]
    calls = []
    for worker in workers:
        found = program.workers.call(worker)
        node_of = found[1].node if found is not None else None
        calls.append(_as_called(node_of, code) if isinstance(node_of, ast.Call) else None)
    return bool(calls) and all(call is not None and leaves_out(call, code, node) for call in calls)


def leaves_out(call: ast.Call, callee: Code, node: ast.expr | ast.stmt) -> bool:
    """Whether the way to a node of a function goes through a test that fails for what a call does not give."""
    if any(isinstance(each, ast.Starred) for each in call.args) or any(word.arg is None for word in call.keywords):
        return False
    given = {name for name, _ in matched(call, callee.scope)}
    missing = {name for name in _optional(callee.scope.node) if name not in given and _is_kept(name, callee)}
    way = way_to(node, callee.scope.node) if missing else None  # type: ignore[arg-type]
    return way is not None and any(_needs(answer) in missing for answer in way.answers)


def _at(program: Program, code: Code, span: Span) -> ast.Call | None:
    nodes = (each.node for each in program.closeup.calls(code) if code.view.span(each.node) == span)
    return next((node for node in nodes if isinstance(node, ast.Call)), None)


def _as_called(handing: ast.Call, code: Code) -> ast.Call | None:
    """`to_thread(work, 1)` as the call `work(1)` that it leads to; None for what gives arguments in other ways."""
    last = code.scope.name.rpartition(".")[2]
    for at, argument in enumerate(handing.args):
        name = spelled(argument)
        if name.rpartition(".")[2] == last and not spelled(handing.func).endswith(("apply", "apply_async", "starmap")):
            return ast.Call(argument, handing.args[at + 1 :], handing.keywords)
    words = {word.arg: word.value for word in handing.keywords}
    target, args = words.get("target"), words.get("args", ast.Tuple([], ast.Load()))
    if target is None or "kwargs" in words or not isinstance(args, ast.Tuple | ast.List):
        return None
    return ast.Call(target, args.elts, [])


def _optional(node: ast.AST) -> Iterator[str]:
    """Parameters that are None or False unless they are given."""
    args = getattr(node, "args", None)
    if isinstance(args, ast.arguments):
        names = [*args.posonlyargs, *args.args]
        pairs = [*zip(reversed(names), reversed(args.defaults), strict=False)]
        pairs += [(arg, value) for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True) if value]
        for arg, value in pairs:
            if isinstance(value, ast.Constant) and (value.value is None or value.value is False):
                yield arg.arg


def _is_kept(name: str, callee: Code) -> bool:
    """Whether a function sets its parameter to nothing else."""
    return len(callee.scope.bindings.get(name, ())) == 1


def _needs(answer: Answer) -> str:
    """The name that has to be given for a test to be answered so; empty where that cannot be told."""
    test, holds = answer
    if isinstance(test, ast.Name):
        return test.id if holds else ""
    if not (isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and len(test.ops) == 1):
        return ""
    other = test.comparators[0]
    wanted = isinstance(test.ops[0], ast.IsNot) if holds else isinstance(test.ops[0], ast.Is)
    return test.left.id if wanted and isinstance(other, ast.Constant) and other.value is None else ""
